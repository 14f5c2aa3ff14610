using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace LongPoll.Tests.House;

/// <summary>No secret stands in a file that is shipped: the files name keys, and values come from the environment.</summary>
public sealed partial class SecretsTests
{
    [Fact]
    [Trait("Acceptance", "164")]
    public void ShippedConfiguration_NamesKeysAndNoSecrets()
    {
        var root = Root();
        string[] files = [Path.Combine(root, "docker-compose.yml"), .. Directory.EnumerateFiles(Path.Combine(root, "src/LongPoll.Server"), "appsettings*.json")];
        var settings = files.SelectMany(File.ReadLines).Where(line => !line.TrimStart().StartsWith('#')).Select(line => Secret().Match(line)).Where(match => match.Success).ToArray();

        Assert.True(settings.Length > 10);
        Assert.All(settings, match => Assert.True(match.Groups["value"].Value is "" or ['$', '{', ..], match.Value));
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    // A key whose name says that its value is nobody's business, and a password within a connection string.
    [GeneratedRegex("""^\s*"?[A-Za-z_:]*(Key|Secret|Token|Password|PASSWORD)"?\s*:\s*"?(?<value>[^"\s]*)|Password=(?<value>[^;"\s]*)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Secret();
}
