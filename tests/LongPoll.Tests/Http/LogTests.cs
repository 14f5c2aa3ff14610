using System.Collections.Concurrent;
using System.Diagnostics;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The lines that the documents promise, and what must never stand in any of them.</summary>
public abstract class LogTests(ServerWorld world)
{
    /// <summary>How the bus calls itself in its lines.</summary>
    protected abstract string Bus { get; }

    [Fact]
    [Trait("Acceptance", "170")]
    [Trait("Acceptance", "172")]
    [Trait("Acceptance", "173")]
    [Trait("Acceptance", "174")]
    [Trait("Acceptance", "175")]
    [Trait("Acceptance", "177")]
    [Trait("Acceptance", "8")]
    [Trait("Acceptance", "11")]
    public async Task Log_PaymentWhilePageWaits_TellsTheStory()
    {
        await using var shop = await world.StartAsync(("Logging:LogLevel:Default", "Information"), ("Logging:Console:LogLevel:Default", "None"));
        using var log = LogCapture.On(shop);
        var order = await shop.PlaceAsync();
        var waiting = shop.WaitAsync(order);
        await shop.ParkedAsync(1);
        await shop.PaidAsync(order);
        await waiting;

        await log.HasAsync($"Order created: {order.Id}");
        await log.HasAsync($"Long polling started for order: {order.Id}");
        await log.HasAsync("PAYHERO Callback received");
        await log.HasAsync("Order status updated: completed");
        await log.HasAsync($"Order status notification published: {order.Id} (completed)");
        await log.HasAsync($"{Bus} notification sent to all waiting clients");
        await log.HasAsync($"Order {order.Id} status changed via {Bus} (");
        Assert.Contains(log.Lines, l => System.Text.RegularExpressions.Regex.IsMatch(l, $@"Order {order.Id} status changed via {Bus} \(\d+ms\)", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    [Trait("Acceptance", "51")]
    [Trait("Acceptance", "169")]
    public async Task Log_Verify_IsAWarning()
    {
        await using var shop = await world.StartAsync();
        using var log = LogCapture.On(shop);
        var order = await shop.PlaceAsync();

        await shop.PostAsync($"/orders/{order.Id}/verify");

        Assert.Contains(log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains($"fallback verification for order {order.Id}", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Acceptance", "167")]
    public async Task LogAndTraces_WholeLifeOfAnOrder_HoldNobodysDataAndNoToken()
    {
        // Whatever a merchant switches on: everything.
        await using var shop = await world.StartAsync(
            ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"), ("Logging:LogLevel:System", "Trace"), ("Logging:Console:LogLevel:Default", "None"));
        var traced = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            // The spans of the server; the client in this process has spans of its own.
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traced.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(t => $"{t.Key}={t.Value}"))} {string.Join(' ', activity.Events.SelectMany(e => e.Tags).Select(t => $"{t.Value}"))}"),
        };
        ActivitySource.AddActivityListener(listener);
        using var log = LogCapture.On(shop);
        var phone = Shop.NewPhone();
        var body = Shop.Body(phone);
        body["customer"]!["email"] = "secret.reader@example.com";
        var created = await shop.CreateAsync(body);
        var id = created.Json.GetProperty("orderId").GetString();
        var access = created.Json.GetProperty("accessToken").GetString()!;
        var push = shop.PayHero.PushesTo(phone)[0];
        shop.PayHero.Tell(push, "QUEUED");
        var outcome = Shop.Paid();
        var token = push.CallbackUrl!.Segments[^1];

        await shop.GetAsync($"/orders/{id}?access_token={access}");
        await shop.GetAsync($"/orders/{id}/wait?timeout=1&access_token={access}");
        await shop.PostAsync($"/orders/{id}/verify?access_token={access}");
        await shop.PostAsync($"/orders/{id}/pay?access_token={access}");
        await shop.PostAsync($"/payhero/callback/{ServerWorld.CallbackToken}", "not json"u8.ToArray());
        await shop.PostAsync($"/api/payhero/callback?token={ServerWorld.CallbackToken}", PayHeroWire.ShapeA(push with { Amount = 1 }, Shop.Paid()));
        await shop.PostAsync($"/payhero/callback?token={token}", PayHeroWire.ShapeA(push, outcome));
        await shop.CallbackAsync(push, PayHeroWire.Daraja(push, outcome));
        await shop.PostAsync($"/payhero/callback/{token}/further", "{}"u8.ToArray());
        await shop.GetAsync($"/payhero/callback/{token}");
        shop.PayHero.Answer(phone, 400, $$"""{"error_message":"{{phone}} is not registered"}""");
        await shop.CreateAsync(body);

        await log.HasAsync("Order status updated: completed");
        string[] secrets = [phone, phone[3..], "secret.reader", ServerWorld.CallbackToken, token, access, push.CheckoutRequestId];
        var mine = traced.Where(t => t.Contains("payhero", StringComparison.OrdinalIgnoreCase) || t.Contains(id!, StringComparison.Ordinal)).ToArray();
        Assert.All(secrets, secret =>
        {
            Assert.DoesNotContain(log.Lines, l => l.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain(mine, t => t.Contains(secret, StringComparison.Ordinal));
        });
        Assert.NotEmpty(traced);
    }
}
