using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace LongPoll.Tests.House;

/// <summary>
/// NBomber cannot be restored on every feed, so its scripts are compiled here without it: whatever then is an error must
/// be one of the names that NBomber brings. So the scripts stay C#, and in step with the load tests that they use.
/// </summary>
public sealed class NBomberScriptTests
{
    private static readonly string[] Brought = ["NBomber", "Scenario", "Step", "Response", "Simulation", "NBomberRunner"];

    // What the SDK imports by itself.
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    [Theory]
    [InlineData("hold-and-release.cs")]
    [InlineData("callback-burst.cs")]
    [InlineData("reconnect-storm.cs")]
    public void Script_LacksNothingButNBomber(string script)
    {
        var source = File.ReadAllText(Path.Combine(Folder(), script));

        var errors = Compile(source);

        Assert.Contains(errors, error => error.Id == "CS0246" && error.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains("'NBomber'", StringComparison.Ordinal));
        Assert.All(errors, error => Assert.True(Brought.Any(name => IsUnknownName(error, name)), error.ToString()));
    }

    [Fact]
    public void OutdatedScript_IsFound() =>
        Assert.Contains(Compile("using LongPoll.LoadTests.Scripting; await using var session = await LoadSession.StartAsync(); await session.BuyEverything();"), error => error.Id == "CS1061");

    [Fact]
    public void EveryScript_IsLookedAt() => Assert.Equal(3, Directory.GetFiles(Folder(), "*.cs").Length);

    private static bool IsUnknownName(Diagnostic error, string name) => error.Id is "CS0103" or "CS0246"
        && error.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains($"'{name}'", StringComparison.Ordinal);

    private static Diagnostic[] Compile(string source)
    {
        // The feature lets the lines that begin with #: stand, which tell the SDK about packages and projects.
        var options = new CSharpParseOptions(LanguageVersion.Preview).WithFeatures([new("FileBasedProgram", "true")]);
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return [.. CSharpCompilation.Create(
                "script",
                [CSharpSyntaxTree.ParseText(source, options), CSharpSyntaxTree.ParseText(ImplicitUsings, options)],
                platform.Select(file => MetadataReference.CreateFromFile(file)),
                new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable))
            .GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
    }

    private static string Folder([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../loadtests/nbomber"));
}
