using System.Globalization;

namespace LongPoll.LoadTests.Report.Plots;

/// <summary>Panels side by side, each with a bar for every subject: units differ, so that each panel has its own scale.</summary>
internal static class BarPlot
{
    private const double PanelWidth = 380;
    private const double BarHeight = 20;
    private const double LabelWidth = 96;
    private const double ValueWidth = 70;
    private const double Head = 30;
    private const double Gap = 18;
    private const int Columns = 2;

    public static string Draw(string note, IReadOnlyList<BarPanel> panels)
    {
        double[] rowHeights = [.. panels.Chunk(Columns).Select(row => Head + Gap + (BarHeight * row.Max(panel => panel.Bars.Count)))];
        Svg svg = new(PanelWidth * Columns, rowHeights.Sum() + Head);
        double top = 0;
        for (int i = 0; i < panels.Count; i++)
        {
            if (i > 0 && i % Columns == 0)
                top += rowHeights[(i / Columns) - 1];
            Draw(svg, panels[i], PanelWidth * (i % Columns), top);
        }

        svg.Text(10, rowHeights.Sum() + 10, note);
        return svg.ToString();
    }

    private static void Draw(Svg svg, BarPanel panel, double left, double top)
    {
        svg.Text(left + 10, top + 20, panel.Title, isBold: true);
        double most = panel.Bars.Max(bar => bar.High);
        double room = PanelWidth - LabelWidth - ValueWidth;
        for (int i = 0; i < panel.Bars.Count; i++)
        {
            Bar bar = panel.Bars[i];
            double y = top + Head + (i * BarHeight);
            double x = left + LabelWidth;
            svg.Text(x - 6, y + 13, bar.Name, "end", isBold: bar.IsOurs);
            svg.Rectangle(x, y + 2, room * bar.Value / most, BarHeight - 5, bar.IsOurs ? Svg.Palette[0] : "#b0b0b0");
            svg.Line(x + (room * bar.Low / most), y + (BarHeight / 2) - 1, x + (room * bar.High / most), y + (BarHeight / 2) - 1, "#222");
            svg.Text(x + (room * bar.High / most) + 5, y + 13, bar.Value.ToString(bar.Value >= 100 ? "N0" : "0.##", CultureInfo.InvariantCulture));
        }
    }
}

/// <summary>One figure of all subjects.</summary>
internal sealed record BarPanel(string Title, IReadOnlyList<Bar> Bars);

/// <summary>One subject's median, and the range of its repetitions.</summary>
internal sealed record Bar(string Name, double Value, double Low, double High, bool IsOurs);
