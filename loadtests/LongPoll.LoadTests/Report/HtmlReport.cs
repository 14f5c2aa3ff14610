using System.Globalization;
using System.Net;
using System.Text;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Report.Plots;

namespace LongPoll.LoadTests.Report;

/// <summary>Reports as one page for people: everything is in the file, nothing is loaded from elsewhere.</summary>
internal static class HtmlReport
{
    private const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><title>LongPoll load tests</title><style>
        body{font:15px/1.5 sans-serif;color:#222;max-width:64rem;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;margin:1rem 0}td,th{padding:.2rem .7rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}
        td.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:12px}.bad{color:#b00020;font-weight:bold}svg{display:block;margin:1rem 0;max-width:100%}
        </style></head><body><h1>LongPoll load tests</h1>
        """;

    public static string Write(IReadOnlyList<RunReport> reports)
    {
        StringBuilder page = new(Head);
        WriteSetting(page, reports[0]);
        foreach (RunReport report in reports)
            WriteReport(page, report);
        return page.Append("</body></html>\n").ToString();
    }

    private static void WriteSetting(StringBuilder page, RunReport report)
    {
        Dictionary<string, string> setting = new(report.Setting)
        {
            ["started"] = report.StartedAt.ToString("u", CultureInfo.InvariantCulture),
            ["commit"] = report.Commit ?? "unknown",
        };
        if (report.Machine is { } machine)
        {
            setting["machine"] = string.Create(CultureInfo.InvariantCulture,
                $"{machine.Cores} × {machine.Processor}, {machine.MemoryBytes / 1073741824.0:N1} GB, Linux {machine.Kernel}, .NET {machine.Runtime}; load average before {machine.LoadAverage:N2}");
        }

        Table(page, ["setting", ""], setting.Select(line => (string[])[line.Key, line.Value]), numbersFrom: 9);
    }

    private static void WriteReport(StringBuilder page, RunReport report)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(report.Subject)}: {Text(report.Scenario)}</h2>");
        if (!report.Passed)
            page.Append("<p class='bad'>Not everybody was answered as promised.</p>");
        Table(page, ["figure", "value", "unit"], report.Figures.Select(figure => (string[])[figure.Key, Number(figure.Value.Value), figure.Value.Unit]), numbersFrom: 1);
        Table(page, ["", "how often"], report.Counts.SelectMany(kind => kind.Value.Select(count => (string[])[$"{kind.Key}: {count.Key}", Number(count.Value)])), numbersFrom: 1);
        if (report.Times.Count > 0)
        {
            page.Append(LinePlot.Latencies("Latency by share", report.Times));
            Table(page, ["milliseconds", "p50", "p90", "p99", "p99.9", "max", "count"], report.Times.Select(time => (string[])
                [time.Key, Number(time.Value.P50), Number(time.Value.P90), Number(time.Value.P99), Number(time.Value.P999), Number(time.Value.Max), Number(time.Value.Count)]), numbersFrom: 1);
        }

        foreach (IGrouping<string, Series> group in report.Series.GroupBy(series => series.Name.Split(',')[0]))
            page.Append(LinePlot.OverTime(group.Key, group.First().Unit, [.. group], isLogarithmic: group.First().Unit == "ms" && group.Count() > 1));
        Table(page, ["parked", "server memory, MB", "kernel, MB", "collected"], report.Memory.Select(sample => (string[])
            [Number(sample.Parked), Number(sample.ServerBytes / 1048576.0), Number(sample.KernelBytes / 1048576.0), sample.Collected ? "yes" : "no"]), numbersFrom: 0);
        WriteStatements(page, report.Cost);
    }

    private static void WriteStatements(StringBuilder page, Cost? cost) => Table(
        page, ["database statement", "for", "per payment", "rows", "ms"], (cost?.Statements ?? []).Select(statement => (string[])
        [statement.Text, statement.Kind, Number(statement.PerPayment), Number(statement.RowsPerCall), Number(statement.MeanMs)]), numbersFrom: 2);

    private static void Table(StringBuilder page, string[] heads, IEnumerable<string[]> rows, int numbersFrom)
    {
        string[][] all = [.. rows];
        if (all.Length == 0)
            return;
        page.Append("<table><tr>").AppendJoin("", heads.Select(head => $"<th>{Text(head)}</th>")).Append("</tr>");
        foreach (string[] row in all)
            page.Append("<tr>").AppendJoin("", row.Select((cell, column) => $"<td{(column >= numbersFrom && char.IsAsciiDigit(cell.FirstOrDefault()) ? " class='n'" : "")}>{Text(cell)}</td>")).Append("</tr>");
        page.Append("</table>");
    }

    private static string Number(double value) => value.ToString(value >= 1000 ? "N0" : "0.####", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
