using System.Globalization;
using System.Text.Json;

namespace LongPoll.Sandbox.Verdict;

/// <summary>A verdict for machines.</summary>
internal sealed record VerdictReport(bool Passed, long Seed, int Orders, double Seconds, int Receipts, int Waits, IReadOnlyList<Ruling> Invariants)
{
    public static VerdictReport Of(VerdictOptions options, Day day, TimeSpan took)
    {
        IReadOnlyList<Ruling> rulings = Verdict.Invariants.Judge(day);
        return new VerdictReport(
            rulings.All(r => r.Findings.Count == 0), options.Seed, options.Orders, Math.Round(took.TotalSeconds, 1),
            MoneyInvariants.Receipts(day).Count(), day.Orders.Sum(o => o.Waits), rulings);
    }

    public async Task WriteAsync(string file, CancellationToken stop)
    {
        await using FileStream stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, this, SandboxJson.Default.VerdictReport, stop);
    }
}

/// <summary>A verdict for people.</summary>
internal static class VerdictTable
{
    private const int FindingsShown = 3;

    public static void Write(VerdictReport report, TextWriter to)
    {
        int width = report.Invariants.Max(r => r.Invariant.Length);
        to.WriteLine();
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"invariant".PadRight(width)}  {"looked at",9}  {"broken",6}"));
        to.WriteLine(new string('-', width + 19));
        foreach (Ruling ruling in report.Invariants)
        {
            string mark = ruling.Findings.Count == 0 ? "" : "  <- BROKEN";
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ruling.Invariant.PadRight(width)}  {ruling.Looked,9}  {ruling.Findings.Count,6}{mark}"));
            foreach (Finding finding in ruling.Findings.Take(FindingsShown))
                to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    order {finding.Order} ({finding.OrderId}): {finding.What}"));
        }

        to.WriteLine();
        to.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(report.Passed ? "PASSED" : "BROKEN")}: seed {report.Seed}, {report.Orders} orders, {report.Receipts} receipts, {report.Waits} waits, {report.Seconds} s"));
    }
}
