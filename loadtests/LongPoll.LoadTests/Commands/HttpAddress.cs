using System.CommandLine.Parsing;

namespace LongPoll.LoadTests.Commands;

/// <summary>Reads http:// addresses of the command line.</summary>
internal static class HttpAddress
{
    public static Uri Parse(ArgumentResult result) => Parse(result.Tokens[0].Value, result);

    public static Uri Parse(string text, ArgumentResult result)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme == "http")
            return address;
        result.AddError($"'{text}' is no http:// address.");
        return new Uri("http://localhost");
    }
}
