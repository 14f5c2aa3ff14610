using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace LongPoll.Tests.House;

/// <summary>Every row of the acceptance table about orders, waits, providers, payment links, correctness, fulfilment and limits is named by a test.</summary>
public sealed class AcceptanceRowTests
{
    /// <summary>Rows that no test of these two projects can show, and where they are shown instead.</summary>
    private static readonly Dictionary<int, string> Elsewhere = [];

    private static readonly string[] Projects = ["LongPoll.Tests", "LongPoll.IntegrationTests"];

    private static readonly int[] Rows =
    [
        .. Enumerable.Range(1, 111), .. Enumerable.Range(158, 20),
    ];

    [Fact]
    public void Rows_AreEachNamedByATest()
    {
        var named = NamedRows();

        var missing = Rows.Where(row => !named.Contains(row) && !Elsewhere.ContainsKey(row));

        Assert.Empty(missing);
        Assert.DoesNotContain(Elsewhere.Keys, named.Contains);
    }

    // The sources are read, not the assemblies: one of the two references the other and cannot be loaded here.
    private static HashSet<int> NamedRows([CallerFilePath] string here = "")
    {
        var tests = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
        return
        [
            .. Projects
                .SelectMany(project => Directory.EnumerateFiles(Path.Combine(tests, project), "*.cs", SearchOption.AllDirectories))
                .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .SelectMany(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<AttributeSyntax>())
                .Where(attribute => attribute.Name.ToString() == "Trait" && attribute.ArgumentList?.Arguments is [var name, _] && name.ToString() == "\"Acceptance\"")
                .Select(attribute => int.Parse(attribute.ArgumentList!.Arguments[1].ToString().Trim('"'), CultureInfo.InvariantCulture)),
        ];
    }
}
