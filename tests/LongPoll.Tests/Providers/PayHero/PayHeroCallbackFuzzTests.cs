using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using Xunit;

namespace LongPoll.Tests.Providers.PayHero;

/// <summary>No byte sequence may throw out of the reading, and what it reads can be stored. A failure names its seed.</summary>
public sealed partial class PayHeroCallbackFuzzTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Strange =
    [
        "null", "true", "[]", "{}", "\"\"", "\" \"", "0", "0.0", "-0", "1e999", "-1e-999", "123456789012345678901234567890", "\"\\u0000\"", "\"a\\u0000b\"",
        "\"\\ud800\"", "\"\\udc00x\"", "[[[[]]]]", "{\"Value\":{}}", "\"\\uFFFF\"", "\"" + new string('9', 5000) + "\"", new string('9', 5000), "\"Success\"", "\"failed\"",
    ];

    [Fact]
    public void Read_AnyBytes_NeverThrows()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var body = Draw(new Random(seed));
            CallbackReading reading;
            try
            {
                reading = PayHeroCallbackTests.Read(body);
            }
            catch (Exception e)
            {
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {e.GetType().Name} for {Encoding.UTF8.GetString(body)}"));
                throw;
            }

            Assert.Equal(reading.Verdict == CallbackVerdict.Understood, reading.Report is not null);
            foreach (var text in Texts(reading.Report))
            {
                // A text column takes no NUL, and an index takes no entry of thousands of bytes.
                Assert.True(text.Length is > 0 and <= 200 && !text.Contains('\0', StringComparison.Ordinal), string.Create(CultureInfo.InvariantCulture, $"seed {seed}: cannot be stored: {text}"));
            }
        }
    }

    private static IEnumerable<string> Texts(PaymentReport? report) =>
        new[] { report?.TransactionId, report?.Code, report?.Currency, report?.Reason, report?.Clues.Reference, report?.Clues.ProviderReference, report?.Clues.CheckoutDigest }
            .OfType<string>();

    private static byte[] Draw(Random random)
    {
        var sample = PayHeroCallbackTests.Samples[random.Next(PayHeroCallbackTests.Samples.Count)];
        if (random.Next(2) == 0)
        {
            // Values of other kinds in places where a value may stand.
            return Encoding.UTF8.GetBytes(Value().Replace(sample, m => random.Next(4) == 0 ? ":" + Strange[random.Next(Strange.Length)] : m.Value));
        }

        // Bytes that are no text any more.
        var bytes = Encoding.UTF8.GetBytes(sample);
        for (var change = random.Next(1, 6); change > 0; change--)
        {
            switch (random.Next(3))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes = bytes[..random.Next(1, bytes.Length + 1)];
                    break;
                default:
                    var at = random.Next(bytes.Length);
                    bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..], .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }

    [GeneratedRegex(""":("[^"]*"|[0-9.]+|true|null|\{|\[)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Value();
}
