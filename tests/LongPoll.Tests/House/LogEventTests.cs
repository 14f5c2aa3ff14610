using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace LongPoll.Tests.House;

/// <summary>The log lines of the server, read from its source.</summary>
public sealed class LogEventTests
{
    private static readonly Line[] Lines = ReadAll();

    [Fact]
    public void Lines_EachHaveAnEventIdOfTheirOwn() =>
        Assert.Empty(Lines.GroupBy(l => l.EventId, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => string.Join(" and ", g)));

    [Fact]
    public void Alarms_AreErrors() => Assert.DoesNotContain(Lines, l => l.Text.StartsWith("ALARM", StringComparison.Ordinal) && l.Level != "LogLevel.Error");

    // Whoever is woken by errors is woken by what says that a person is needed, and by what nobody thought of.
    [Fact]
    public void Errors_AreAlarmsOrRequestsThatFailed() =>
        Assert.Equal(["{Method} {Endpoint} failed"], Lines.Where(l => l.Level == "LogLevel.Error" && !l.Text.StartsWith("ALARM", StringComparison.Ordinal)).Select(l => l.Text));

    [Fact]
    public void Alarms_AreCountedBesides()
    {
        var alarming = Lines.Where(l => l.Text.StartsWith("ALARM", StringComparison.Ordinal)).Select(l => l.File).Distinct(StringComparer.Ordinal).ToArray();

        Assert.True(alarming.Length >= 5);
        Assert.All(alarming, file => Assert.True(
            File.ReadAllText(file).Contains("metrics.Alarm(", StringComparison.Ordinal) || File.ReadAllText(file).Contains("metrics.Settled(", StringComparison.Ordinal), file));
    }

    private static Line[] ReadAll([CallerFilePath] string here = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../src/LongPoll.Server"));
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
                .SelectMany(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<AttributeSyntax>()
                    .Where(attribute => attribute.Name.ToString() == "LoggerMessage")
                    .Select(attribute => attribute.ArgumentList!.Arguments.Select(argument => argument.ToString()).ToArray())
                    .Select(arguments => new Line(file, arguments[0], arguments[1], arguments[2].Trim('"')))),
        ];
    }

    private sealed record Line(string File, string EventId, string Level, string Text);
}
