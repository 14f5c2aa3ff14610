using System.Globalization;
using System.Net;
using System.Text;

namespace LongPoll.LoadTests.Report.Plots;

/// <summary>A drawing in the making. Coordinates are pixels from the upper left corner.</summary>
internal sealed class Svg(double width, double height)
{
    /// <summary>Told apart by people who see few colours, too (Okabe and Ito).</summary>
    public static readonly string[] Palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555"];

    private readonly StringBuilder _body = new();

    public void Line(double x1, double y1, double x2, double y2, string color) =>
        Add($"<line x1='{x1:F1}' y1='{y1:F1}' x2='{x2:F1}' y2='{y2:F1}' stroke='{color}'/>");

    public void Rectangle(double x, double y, double w, double h, string color) =>
        Add($"<rect x='{x:F1}' y='{y:F1}' width='{Math.Max(w, 0):F1}' height='{h:F1}' fill='{color}'/>");

    public void Path(IEnumerable<(double X, double Y)> points, string color)
    {
        IEnumerable<string> parts = points.Select(point => FormattableString.Invariant($"{point.X:F1},{point.Y:F1}"));
        Add($"<polyline fill='none' stroke='{color}' stroke-width='1.6' points='{string.Join(' ', parts)}'/>");
    }

    /// <param name="x">Of the anchor.</param>
    /// <param name="y">Of the base line.</param>
    /// <param name="text">What is written.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="isBold">Whether it stands out.</param>
    public void Text(double x, double y, string text, string anchor = "start", bool isBold = false) =>
        Add($"<text x='{x:F1}' y='{y:F1}' text-anchor='{anchor}'{(isBold ? " font-weight='bold'" : "")}>{WebUtility.HtmlEncode(text)}</text>");

    /// <summary>White behind everything, so that it can be read on dark pages.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"""
        <svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:F0} {height:F0}' width='{width:F0}' height='{height:F0}' font-family='sans-serif' font-size='12' fill='#222'>
        <rect width='100%' height='100%' fill='#fff'/>
        {_body}</svg>

        """);

    private void Add(FormattableString element) => _body.AppendLine(element.ToString(CultureInfo.InvariantCulture));
}
