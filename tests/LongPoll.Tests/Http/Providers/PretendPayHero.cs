using LongPoll.Sandbox.PayHero;

namespace LongPoll.Tests.Http.Providers;

/// <summary>PayHero for the compliance suite: its callbacks are not signed, their address is the secret.</summary>
public sealed class PretendPayHero(FakePayHero payHero) : PretendProvider
{
    public override string Name => "payhero";

    public override string Currency => "KES";

    public override IReadOnlyList<(string Key, string? Value)> Settings => [("PayHero:BaseUrl", payHero.Url)];

    public override IReadOnlyList<string> SecretKeys => ["PayHero:CallbackToken"];

    public static async Task<PretendProvider> StartAsync() => new PretendPayHero(await FakePayHero.StartAsync());

    public override Letter Paid(Placed order, string transaction, int off = 0) => About(order, new(0, "ok", transaction, TimeProvider.System.GetUtcNow()) { PaidAmount = 300 + off });

    public override Letter Failed(Placed order) => About(order, Shop.Failed(2001, "wrong PIN"));

    public override Letter Forged(Letter letter) => letter with { Path = letter.Path[..^5] + (letter.Path[^5] == 'A' ? 'B' : 'A') + letter.Path[^4..] };

    public override Letter Altered(Placed order, string transaction)
    {
        var letter = Paid(order, transaction);
        return letter with { Body = [.. System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(letter.Body).Replace("\"Amount\":300", "\"Amount\":301", StringComparison.Ordinal))] };
    }

    public override Letter PaidUnknown() => Raw(PayHeroWire.ShapeA(
        new PayHeroPush { Reference = "NONE", CheckoutRequestId = "ws_CO_none", MerchantRequestId = "m", ExternalReference = "NOBODYS-P1", Amount = 300, Phone = "0712345678", ChannelId = 1, PushedAt = default },
        PaymentOutcome.Success(TimeProvider.System.GetUtcNow())));

    public override Letter Raw(byte[] body) => new($"/payhero/callback/{ServerWorld.CallbackToken}", body);

    // The query has no amount: a wrong one shows in the callback alone.
    public override void Tell(Placed order, string? transaction, int off = 0) =>
        payHero.Tell(payHero.PushesTo(order.Phone)[^1], transaction is null ? "FAILED" : "SUCCESS", transaction);

    public override int Asked(Placed order) => payHero.Asked(payHero.PushesTo(order.Phone)[^1]);

    public override ValueTask DisposeAsync() => payHero.DisposeAsync();

    private Letter About(Placed order, PaymentOutcome outcome)
    {
        var push = payHero.PushesTo(order.Phone)[^1];
        return new(push.CallbackUrl!.PathAndQuery, PayHeroWire.ShapeA(push, outcome));
    }
}
