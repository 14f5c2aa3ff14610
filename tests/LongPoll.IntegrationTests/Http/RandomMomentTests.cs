using System.Globalization;
using LongPoll.Sandbox.PayHero;
using LongPoll.Tests.Http;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>
/// The callback at any moment around the wait: before its request, between joining and reading, between reading and
/// parking, after. Whatever the moment, nobody may be left waiting.
/// </summary>
public sealed class RandomMomentTests(PostgresWorld world, ITestOutputHelper output) : IClassFixture<PostgresWorld>
{
    private const int Orders = 2000;
    private const int AtOnce = 40;

    [Fact]
    [Trait("Acceptance", "5")]
    [Trait("Acceptance", "16")]
    [Trait("Acceptance", "19")]
    [Trait("Acceptance", "74")]
    [Trait("Acceptance", "78")]
    public async Task Wait_CallbackAtARandomMoment_IsAlwaysAnswered()
    {
        await using var other = await world.StartAsync();
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LONGPOLL_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        output.WriteLine($"LONGPOLL_TEST_SEED={seed}");
        var random = new Random(seed);
        var moments = Enumerable.Range(0, Orders).Select(_ => (Offset: random.Next(-5, 31), Swap: random.Next(2) == 0)).ToArray();
        var answers = new Answer[Orders];

        await Parallel.ForAsync(0, Orders, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            var (offset, swap) = moments[i];
            var order = await world.Shop.PlaceAsync();
            var push = world.Shop.Push(order);
            var body = PayHeroWire.ShapeA(push, Shop.Paid());
            var (waits, told) = swap ? (other, world.Shop) : (world.Shop, other);
            var waiting = AfterAsync(-offset, () => waits.WaitAsync(order, "timeout=30"));
            var callback = AfterAsync(offset, () => told.CallbackAsync(push, body));
            (await callback).AssertResult("applied");
            answers[i] = await waiting;
        });

        var endings = answers.CountBy(a => a.Ending ?? "none").OrderBy(e => e.Key, StringComparer.Ordinal);
        output.WriteLine(string.Join(", ", endings.Select(e => $"{e.Key}: {e.Value}")));
        Assert.All(answers, a => Assert.Equal(("completed", true), (a.PaymentStatus, a.Ending is "cache" or "database" or "notified")));
        Assert.Equal(Orders, await world.CountAsync("payments"));
        Assert.Equal(Orders, await world.CountAsync("bookings"));
    }

    private static async Task<T> AfterAsync<T>(int milliseconds, Func<Task<T>> act)
    {
        if (milliseconds > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
        }

        return await act();
    }
}
