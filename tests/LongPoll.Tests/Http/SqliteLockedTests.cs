using System.Diagnostics;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Somebody else holds the write lock of the SQLite file: a little longer is waited for, too long is a clean 503.</summary>
public sealed class SqliteLockedTests(SqliteWorld world) : IClassFixture<SqliteWorld>
{
    [Fact]
    [Trait("Acceptance", "44")]
    [Trait("Acceptance", "50")]
    public async Task Locked_LongerThanAnybodyWaits_WritesGet503AndNothingIsHalfDone()
    {
        var order = await world.Shop.PlaceAsync();
        var outcome = Shop.Paid();
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);
        var phone = Shop.NewPhone();
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        using var log = LogCapture.On(world.Shop);
        var (orders, callbacks) = (await world.CountAsync("orders"), await world.CountAsync("callbacks"));

        await using (await world.LockAsync())
        {
            var refused = await Task.WhenAll(world.Shop.TellAsync(order, outcome), world.Shop.CreateAsync(Shop.Body(phone), key));
            Assert.All(refused, r => r.AssertProblem(503).AssertRetryAfter());

            Assert.Contains(log.Lines, l => l.Contains("POST /payhero/callback/{token}", StringComparison.Ordinal) && l.Contains("failed", StringComparison.Ordinal));

            // Readers are not in the way of a writer, nor the other way round.
            (await world.Shop.ReadAsync(order)).AssertView("processing");
            Assert.False(waiting.IsCompleted);
            Assert.Equal((orders, callbacks), (await world.CountAsync("orders"), await world.CountAsync("callbacks")));
            Assert.Equal((0, 0), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id)));
            Assert.Empty(world.PayHero.PushesTo(phone));
        }

        (await world.Shop.TellAsync(order, outcome)).AssertResult("applied");
        (await waiting).AssertView("completed");
        Assert.Equal(201, (await world.Shop.CreateAsync(Shop.Body(phone), key)).Status);
        Assert.Single(world.PayHero.PushesTo(phone));
        Assert.Equal(orders + 1, await world.CountAsync("orders"));
    }

    [Fact]
    public async Task Locked_ForAMoment_WritesWaitAndAreDone()
    {
        var order = await world.Shop.PlaceAsync();
        var outcome = Shop.Paid();
        Task<Answer> telling;
        await using (await world.LockAsync())
        {
            telling = world.Shop.TellAsync(order, outcome);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.False(telling.IsCompleted);
        }

        (await telling).AssertResult("applied");
        (await world.Shop.ReadAsync(order)).AssertView("completed");
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
    }

    // The order stood and its prompt was out, and the shop was told that nothing was done.
    [Fact]
    public async Task Locked_BetweenPushAndAnswer_TheOrderStandsAndItsIdsAreNotedLater()
    {
        var phone = Shop.NewPhone();
        var answer = world.PayHero.HoldAnswer(phone);
        var creating = world.Shop.CreateAsync(Shop.Body(phone));
        var push = await world.PayHero.PushToAsync(phone);
        Answer created;
        await using (await world.LockAsync())
        {
            answer.SetResult();
            var began = Stopwatch.GetTimestamp();
            created = (await creating).AssertStatus(201);
            Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 3, 15);
        }

        Assert.Equal("pending", created.PaymentStatus);
        var order = new Placed(created.Json.GetProperty("orderId").GetString()!, created.Json.GetProperty("accessToken").GetString()!, phone, created);
        (await Until.ValueAsync(() => world.Shop.ReadAsync(order), a => a.PaymentStatus == "processing")).AssertView("processing");

        // PayHero's own reference is known now: it can be asked.
        world.PayHero.Tell(push, "SUCCESS", "UKLLATER" + Random.Shared.Next());
        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");
    }
}
