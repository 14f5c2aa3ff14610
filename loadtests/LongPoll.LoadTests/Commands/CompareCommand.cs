using System.CommandLine;
using System.Globalization;
using LongPoll.LoadTests.Report;
using Spectre.Console;

namespace LongPoll.LoadTests.Commands;

/// <summary>Two runs as ratios, or two folders of repetitions as ratios of their medians.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Argument<string> before = new("before") { Description = "A report, or a folder of reports" };
        Argument<string> after = new("after") { Description = "The same of the other run" };
        Command command = new("compare", "Prints every figure of two runs and the second by the first.") { before, after };
        command.SetAction(parsed => Write(Repetitions.Load(parsed.GetRequiredValue(before)), Repetitions.Load(parsed.GetRequiredValue(after))));
        return command;
    }

    private static void Write(Repetitions before, Repetitions after)
    {
        // One subject against another is a comparison too.
        (string Before, string After)[] subjects = before.Subjects.Count == 1 && after.Subjects.Count == 1
            ? [(before.Subjects[0], after.Subjects[0])]
            : [.. before.Subjects.Intersect(after.Subjects).Select(subject => (subject, subject))];
        Table table = new() { Border = TableBorder.Rounded };
        table.AddColumns("subject", "scenario", "figure", "before", "after", "ratio", "");
        foreach ((string one, string other) in subjects)
        {
            foreach (IGrouping<string, RunReport> scenario in after.All.Where(run => run.Subject == other).GroupBy(run => run.Scenario))
            {
                foreach ((string name, Figure figure) in scenario.First().Figures)
                    AddRow(table, (one, other), scenario.Key, name, figure, before.Median(one, scenario.Key, name), after.Median(other, scenario.Key, name));
            }
        }

        ConsoleReport.Prepare();
        AnsiConsole.Write(table);
    }

    private static void AddRow(Table table, (string Before, string After) subjects, string scenario, string name, Figure figure, double? before, double? after)
    {
        if (before is not { } was || after is not { } isNow)
            return;
        double ratio = isNow / was;
        string verdict = double.IsNaN(ratio) || Math.Abs(ratio - 1) < 0.02 ? "same" : ratio > 1 == figure.MoreIsBetter ? "better" : "worse";
        table.AddRow(
            Markup.Escape(subjects.Before == subjects.After ? subjects.After : $"{subjects.Before} → {subjects.After}"), scenario, Markup.Escape(name),
            was.ToString("N3", CultureInfo.InvariantCulture), isNow.ToString("N3", CultureInfo.InvariantCulture),
            double.IsNaN(ratio) ? "" : ratio.ToString("0.00", CultureInfo.InvariantCulture), verdict);
    }
}
