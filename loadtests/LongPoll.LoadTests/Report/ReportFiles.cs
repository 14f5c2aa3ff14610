using System.Globalization;

namespace LongPoll.LoadTests.Report;

/// <summary>Where reports are put down.</summary>
internal static class ReportFiles
{
    /// <summary>One JSON file for each report, and one page for all; files of the same subject and scenario are replaced.</summary>
    public static async Task WriteAsync(IReadOnlyList<RunReport> reports, string folder, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        foreach (RunReport report in reports)
        {
            string name = Path.Combine(folder, $"{report.Subject}-{report.Scenario}");
            await File.WriteAllTextAsync(name + ".json", report.ToJson(), cancel);
            if (report.Pages.Count > 0)
            {
                await File.WriteAllLinesAsync(
                    name + "-pages.csv",
                    report.Pages.Select(static page => string.Create(CultureInfo.InvariantCulture, $"{page.SentAt},{page.Took.TotalMilliseconds}")).Prepend("sentAt,milliseconds"),
                    cancel);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(folder, $"{reports[0].Subject}.html"), HtmlReport.Write(reports), cancel);
    }
}
