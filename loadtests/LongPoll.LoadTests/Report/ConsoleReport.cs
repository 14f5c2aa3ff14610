using System.Globalization;
using LongPoll.LoadTests.Measure;
using Spectre.Console;

namespace LongPoll.LoadTests.Report;

/// <summary>A report as the console shows it.</summary>
internal static class ConsoleReport
{
    private const int StatementsShown = 12;

    public static void Write(RunReport report)
    {
        Prepare();
        Table figures = new() { Title = new TableTitle($"{report.Subject}: {report.Scenario}, {(report.Passed ? "passed" : "NOT as promised")}"), Border = TableBorder.Rounded };
        figures.AddColumns("figure", "value", "unit");
        foreach ((string name, Figure figure) in report.Figures)
            figures.AddRow(Markup.Escape(name), figure.Value.ToString("N3", CultureInfo.InvariantCulture), Markup.Escape(figure.Unit));
        foreach ((string name, Spread spread) in report.Times)
            figures.AddRow(Markup.Escape(name), Markup.Escape(spread.ToString()), "");
        foreach ((string name, IReadOnlyDictionary<string, int> counts) in report.Counts.Where(counts => counts.Value.Count > 0))
            figures.AddRow(Markup.Escape(name), Markup.Escape(string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}"))), "");
        if (report.Cost is not null)
            figures.AddRow("runner paused for its garbage", report.Cost.RunnerPausedMs.ToString("N1", CultureInfo.InvariantCulture), "ms in all");
        AnsiConsole.Write(figures);
        if (report.Cost is { Statements.Count: > 0 } cost)
            WriteStatements(cost);
        if (report.Machine is { LoadAverage: > 1 } machine)
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The machine was busy before the run began, load average {machine.LoadAverage:N1}: do not compare these times."));
    }

    /// <summary>Makes room for tables.</summary>
    public static void Prepare()
    {
        // Where nobody looks there is no width, and 80 would break every line; nor are there colours.
        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            AnsiConsole.Profile.Width = 150;
            AnsiConsole.Profile.Capabilities.Ansi = false;
        }
    }

    private static void WriteStatements(Cost cost)
    {
        Table table = new() { Border = TableBorder.Rounded };
        table.AddColumns("database statement", "for", "per payment", "rows", "ms");
        foreach (StatementCost statement in cost.Statements.Take(StatementsShown))
        {
            table.AddRow(
                Markup.Escape(statement.Text[..Math.Min(statement.Text.Length, 80)]), statement.Kind,
                statement.PerPayment.ToString("N3", CultureInfo.InvariantCulture), statement.RowsPerCall.ToString("N1", CultureInfo.InvariantCulture),
                statement.MeanMs.ToString("N3", CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(table);
    }
}
