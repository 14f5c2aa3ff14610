using LongPoll.Server.Fulfilment;
using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace LongPoll.Tests.Tickets;

/// <summary>The codes in QR tickets.</summary>
public sealed class TicketCodesTests
{
    private const string Key = "ticket-codes-tests-ticket-codes-tests";

    private static readonly Guid Order = new("01a1fbed-f1d4-7ae2-9293-63eb72baea60");

    private readonly TicketCodes _codes = With(Key);

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public void Code_NamesItsTicket(int number)
    {
        var code = _codes.For(Order, number);

        Assert.True(_codes.TryRead(code, out var name));
        Assert.Equal(new TicketName(Order, number), name);
        Assert.Equal(code, With(Key).For(Order, number));
        Assert.Matches("^[0-9A-HJKMNP-TV-Z]{52}$", code);
    }

    [Fact]
    public void Code_ChangedAnywhereInAnyWay_IsNotGenuine()
    {
        var code = _codes.For(Order, 1);
        foreach (var at in Enumerable.Range(0, code.Length))
        {
            foreach (var other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-ö".Where(c => c != code[at]))
            {
                Assert.False(_codes.TryRead(code[..at] + other + code[(at + 1)..], out _), $"{other} at {at}");
            }
        }

        Assert.All((string?[])[null, "", code[1..], code + "0", code.ToLowerInvariant(), " " + code], changed => Assert.False(_codes.TryRead(changed, out _)));
    }

    [Fact]
    public void Code_UnderAnotherKey_IsNotGenuine() => Assert.False(With(Key + "x").TryRead(_codes.For(Order, 1), out _));

    [Fact]
    public void Codes_OfOneOrder_AreAllDifferent() =>
        Assert.Equal(50, Enumerable.Range(1, 50).Select(n => _codes.For(Order, n)).Distinct(StringComparer.Ordinal).Count());

    private static TicketCodes With(string key) => new(Options.Create(new SecurityOptions { Key = key }));
}
