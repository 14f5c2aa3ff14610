using System.CommandLine;
using System.Text.Json;
using LongPoll.LoadTests.Report;

namespace LongPoll.LoadTests.Commands;

/// <summary>Makes one table, one plot and the list of goals from the repetitions of a comparison.</summary>
internal static class TableCommand
{
    public static Command Create()
    {
        Argument<string> folder = new("folder") { Description = "With one folder of reports for each repetition" };
        Command command = new("table", "Writes table.md, table.json and table.svg from the repetitions of a folder, and checks the goals.") { folder };
        command.SetAction((parsed, cancel) => WriteAsync(parsed.GetRequiredValue(folder), cancel));
        return command;
    }

    private static async Task<int> WriteAsync(string folder, CancellationToken cancel)
    {
        PeerTable table = PeerTable.Of(Repetitions.Load(folder));
        string markdown = table.ToMarkdown();
        await File.WriteAllTextAsync(Path.Combine(folder, "table.md"), markdown, cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "table.json"), JsonSerializer.Serialize(table, PeerTableJson.Default.PeerTable) + "\n", cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "table.svg"), table.ToSvg(), cancel);
        Console.WriteLine(markdown);
        return table.Passed && table.Goals.All(goal => goal.IsMet != false || goal.Name.Contains("stretch", StringComparison.Ordinal)) ? 0 : 1;
    }
}
