using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace LongPoll.Tests.House;

/// <summary>The page that answers the boxes of the older documents: every row is there, and what it names exists.</summary>
public sealed partial class AcceptancePageTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Page = Read("src/docs/acceptance.md");

    [Fact]
    public void Rows_AreEachAnswered()
    {
        var answered = Row().Matches(Page).Select(m => int.Parse(m.Groups["row"].Value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();

        Assert.Equal(Enumerable.Range(183, 21), answered.Order());
    }

    [Fact]
    public void Tests_OfTheServer_Exist()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories).Where(IsSource).Select(File.ReadAllText).ToArray();
        var named = ServerTest().Matches(Page).Select(m => (Class: m.Groups["class"].Value, Test: m.Groups["test"].Value)).Distinct().ToArray();

        Assert.True(named.Length > 15);
        Assert.DoesNotContain(named, n => !sources.Any(s => Declares(s, n.Class) && Has(s, n.Test)));
    }

    [Fact]
    public void Tests_OfThePages_Exist()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.test.ts*", SearchOption.AllDirectories).Where(IsSource).ToLookup(Path.GetFileName, StringComparer.Ordinal);
        var named = PageTest().Matches(Page).Select(m => (File: m.Groups["file"].Value, Title: m.Groups["title"].Value)).ToArray();

        Assert.True(named.Length > 5);
        Assert.DoesNotContain(named, n => !files[n.File].Any(f => File.ReadAllText(f).Contains($"it('{n.Title}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Checks_OfTheScript_Exist()
    {
        var script = Read("tests/payment-test.sh");
        var named = ScriptCheck().Matches(Page).Select(m => m.Groups["check"].Value).ToArray();

        Assert.True(named.Length > 8);
        Assert.DoesNotContain(named, n => !script.Contains(n, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("src/docs/acceptance.md")]
    [InlineData("src/docs/payment-flow.md")]
    [InlineData("src/docs/coming-from-polling.md")]
    [InlineData("README.md")]
    public void Links_LeadToFiles(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Root, page))!;
        var links = Link().Matches(Read(page)).Select(m => m.Groups["to"].Value).Where(to => !to.Contains("://", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(links);
        Assert.DoesNotContain(links, to => !Path.Exists(Path.Combine(folder, to)));
    }

    // In the folders of the tests themselves, not only in words.
    [Fact]
    public void Script_IsASuiteOfTheTestCommand() => Assert.Contains("tests/payment-test.sh --no-build", Read("tests/run.sh"), StringComparison.Ordinal);

    [Fact]
    [Trait("Acceptance", "102")]
    public void CronSecret_IsMadeAsTheReadmeSays() => Assert.Contains("openssl rand -base64 32", Read("README.md"), StringComparison.Ordinal);

    [Fact]
    public void Configuration_EveryVariableOfTheContainers_IsDocumented()
    {
        var documented = Documented().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var variables = Variable().Matches(Read("docker-compose.yml")).Select(m => m.Groups["name"].Value.Replace("__", ":", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToArray();

        Assert.True(variables.Length > 30);
        Assert.DoesNotContain(variables, v => !documented.Contains(v));
    }

    // The first column of the README's table: `Section:Key`, and after it `:Other` for Section:Other.
    private static IEnumerable<string> Documented()
    {
        foreach (var line in Read("README.md").Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)))
        {
            var section = "";
            foreach (var key in Key().Matches(line.Split(" | ")[0]).Select(m => m.Groups["key"].Value))
            {
                if (key[0] == ':')
                {
                    yield return section + key;
                    continue;
                }

                section = key.Contains(':', StringComparison.Ordinal) ? key[..key.LastIndexOf(':')] : "";
                foreach (var name in key.Contains("<name>", StringComparison.Ordinal) ? (string[])["expired_links", "stuck_payments", "reconcile"] : [""])
                {
                    yield return key.Replace("<name>", name, StringComparison.Ordinal);
                }
            }
        }
    }

    private static bool Declares(string source, string type) => Regex.IsMatch(source, $@"\bclass {type}\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private static bool Has(string source, string test) => source.Contains($" {test}(", StringComparison.Ordinal);

    private static bool IsSource(string file) =>
        ((string[])["obj", "bin", "node_modules", "dist"]).All(folder => !file.Contains($"{Path.DirectorySeparatorChar}{folder}{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    private static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    [GeneratedRegex(@"^\| (?<row>\d+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<class>\w+(Tests|Suite))\.(?<test>\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ServerTest();

    [GeneratedRegex(@"`(?<file>[\w-]+\.test\.tsx?) › (?<title>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PageTest();

    [GeneratedRegex("`payment-test\\.sh › (?<check>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ScriptCheck();

    [GeneratedRegex(@"(?<!!)\[[^\]]+\]\((?<to>[^)#]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^ +(?<name>[A-Z]\w*__\w+):", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variable();

    [GeneratedRegex("`(?<key>[A-Za-z:][\\w:<>-]*)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Key();
}
