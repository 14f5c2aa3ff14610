using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.PhonePe;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace LongPoll.Tests.Http.Providers;

/// <summary>PhonePe over HTTP: the pay page of an order, both proofs, and the codes.</summary>
public abstract class PhonePeTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "46")]
    [Trait("Acceptance", "64")]
    public async Task Order_HasAPayPageWhoseAddressTheBuyerGets()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: false);
        await using var shop = await world.StartAsync([.. phonePe.Settings, ("PublicUrl", "https://pay.example.com")]);

        var order = await phonePe.PlaceAsync(shop);

        var request = Assert.Single(phonePe.Requests);
        Assert.Equal(30000, request.GetProperty("amount").GetInt64());
        Assert.Equal(PretendPhonePe.Merchant, request.GetProperty("merchantId").GetString());
        Assert.Matches("^[A-Za-z0-9_-]{1,34}$", request.GetProperty("merchantTransactionId").GetString()!);
        Assert.Equal("https://pay.example.com/phonepe/callback", request.GetProperty("callbackUrl").GetString());
        Assert.Equal($"https://pay.example.com/payment/{order.Id}", request.GetProperty("redirectUrl").GetString());
        Assert.EndsWith("/page/" + phonePe.PageOf(order).Id, order.Answer.Json.GetProperty("checkoutUrl").GetString(), StringComparison.Ordinal);

        (await phonePe.Paid(order, PretendProvider.NewTransaction()).PostTo(shop)).AssertResult("applied");
        (await shop.ReadAsync(order)).AssertView("completed");
        Assert.Equal(0, phonePe.Refused);
    }

    [Theory]
    [InlineData("PAYMENT_ERROR", "failed", "provider_error")]
    [InlineData("PAYMENT_DECLINED", "failed", "provider_error")]
    [InlineData("PAYMENT_CANCELLED", "cancelled", "cancelled_by_buyer")]
    [InlineData("TIMED_OUT", "expired", "prompt_expired")]
    [InlineData("PAYMENT_PENDING", "processing", null)]
    [InlineData("INTERNAL_SERVER_ERROR", "processing", null)]
    [InlineData("TRANSACTION_NOT_FOUND", "processing", null)]
    [InlineData("BAD_REQUEST", "processing", null)]
    [InlineData("AUTHORIZATION_FAILED", "processing", null)]
    [InlineData("A_CODE_OF_TOMORROW", "processing", null)]
    public async Task Code_MeansThis(string code, string paymentStatus, string? reason)
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: false);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var order = await phonePe.PlaceAsync(shop);

        (await PretendPhonePe.Callback(PhonePeWire.Status(phonePe.PageOf(order), code)).PostTo(shop)).AssertStatus(200);

        var view = (await shop.ReadAsync(order)).AssertView(paymentStatus);
        Assert.Equal(reason, view.Json.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Callback_KeyIsChosenByItsIndex()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: false);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var status = PhonePeWire.Status(phonePe.PageOf(await phonePe.PlaceAsync(shop)), "PAYMENT_PENDING");

        foreach (var (salt, index, expected) in ((string, string, int)[])
            [
                (PretendPhonePe.Salt, "2", 200), ("the-salt-before", "1", 200), (PretendPhonePe.Salt, "1", 401), ("the-salt-before", "2", 401), (PretendPhonePe.Salt, "3", 401), ("guess", "2", 401),
            ])
        {
            (await PretendPhonePe.Callback(status, salt, index).PostTo(shop)).AssertStatus(expected);
        }
    }

    // Whoever knows v2's password, which every message carries, could otherwise speak v1's words, which are believed.
    [Fact]
    public async Task Callback_V1sWordsWithV2sPassword_AreRefused()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: false);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var order = await phonePe.PlaceAsync(shop);
        var words = PhonePeWire.Callback(PhonePeWire.Status(phonePe.As(order, PageState.Paid, "TFORGED")));

        (await PretendPhonePe.Hook(words).PostTo(shop)).AssertProblem(401);

        (await shop.ReadAsync(order)).AssertView("processing");
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("SHA256 ", 200)]
    [InlineData("Basic ", 401)]
    public async Task Webhook_DigestIsTakenHoweverItIsWritten(string scheme, int status)
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: true);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var digest = PhonePeWire.Authorization(PretendPhonePe.User, PretendPhonePe.Password);

        foreach (var written in (string[])[digest, digest.ToUpperInvariant()])
        {
            (await shop.PostAsync("/phonepe/callback", """{"event":"x","payload":{}}"""u8.ToArray(), ("Authorization", scheme + written))).AssertStatus(status);
        }
    }

    // A webhook of an order that is paid, replayed for another one: its proof is as good as any.
    [Fact]
    public async Task Webhook_ThatTheStatusDoesNotBearOut_PaysNothing()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: true);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var order = await phonePe.PlaceAsync(shop);

        (await phonePe.Paid(order, "TREPLAYED").PostTo(shop)).AssertResult("unconfirmed");
        await Until.TrueAsync(() => phonePe.Asked(order) > 0);
        (await phonePe.Failed(order).PostTo(shop)).AssertResult("unconfirmed");

        (await shop.ReadAsync(order)).AssertView("processing");
    }

    [Fact]
    public async Task Webhook_OneTryOnThePageFailed_EndsNothing()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: true);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var order = await phonePe.PlaceAsync(shop);

        (await PretendPhonePe.Hook(PhonePeWire.Webhook(phonePe.As(order, PageState.Failed), "pg.transaction.failed")).PostTo(shop)).AssertResult("ignored");

        (await shop.ReadAsync(order)).AssertView("processing");
    }

    [Fact]
    public async Task Order_OfAHundredPaise_IsTooSmall()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: false);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var body = phonePe.Order();
        (body["items"]![0]!["quantity"], body["items"]![0]!["unitPrice"]) = (1, 1);

        Assert.True((await shop.CreateAsync(body)).AssertProblem(400).Json.GetProperty("errors").TryGetProperty("items", out _));
        body["items"]![0]!["unitPrice"] = 1.01m;
        (await shop.CreateAsync(body)).AssertStatus(201);
    }

    [Theory]
    [InlineData(200, """{"success":false,"code":"BAD_REQUEST"}""", "failed", "provider_error")]
    [InlineData(400, """{"success":false,"code":"BAD_REQUEST"}""", "failed", "provider_error")]
    [InlineData(503, "", "pending", "provider_down")]
    [InlineData(200, "no json", "pending", "provider_down")]
    public async Task NoPage_TheOrderStandsAndSaysWhere(int status, string body, string paymentStatus, string reason)
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: false);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        phonePe.Instead = async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body);
            return true;
        };

        var order = await phonePe.PlaceAsync(shop);

        Assert.Equal((paymentStatus, reason), (order.Answer.PaymentStatus, order.Answer.Json.GetProperty("reason").GetString()));

        // Asked for a second time it would be another payment page.
        Assert.Single(phonePe.Requests);
    }
}
