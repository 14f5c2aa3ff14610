using System.Collections.Concurrent;
using System.Globalization;
using LongPoll.Server.Hosting;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>Subscribe and unsubscribe of one channel, over many interleavings of waiters who come and go on a slow bus.</summary>
public sealed class SubscriptionOrderTests
{
    private const int Interleavings = 400;

    [Fact]
    public async Task JoinAndLeave_OnASlowBus_NeverOverlapNorOvertake()
    {
        for (var seed = 0; seed < Interleavings; seed++)
        {
            await InterleaveAsync(seed);
        }
    }

    [Fact]
    public async Task JoinAndLeave_FromManyThreads_EveryoneWhoHasJoinedIsHeard()
    {
        using var room = new WaitingRoom(new LongPollOptions { MaxWaitersPerOrder = 1000 });
        room.Bus.OnSubscribe = async _ => await Task.Yield();
        room.Bus.OnUnsubscribe = async _ => await Task.Yield();
        async Task ComeAndGoAsync()
        {
            for (var round = 1; round <= 2000; round++)
            {
                var waiter = new Waiter(room.OrderId, new WaitCondition(null, WaitUntil.Settled));
                Assert.Null(await room.Waiters.JoinAsync(waiter));
                room.Waiters.Deliver(room.View(4));
                Assert.Equal(4, waiter.SeenVersion);
                room.Waiters.Leave(waiter);
                if (round % 3 == 0)
                {
                    // So that places are given up, and joined, in the same moment.
                    room.Linger();
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(ComeAndGoAsync, TestContext.Current.CancellationToken)));

        Assert.Equal(0, room.Waiters.Count);
        await Eventually.IsAsync(() =>
        {
            room.Linger();
            return room.Log.Count(l => l == "subscribed") == room.Log.Count(l => l == "unsubscribed");
        });
    }

    private static async Task InterleaveAsync(int seed)
    {
        var random = new Random(seed);
        using var room = new WaitingRoom();
        var pending = new ConcurrentQueue<TaskCompletionSource>();
        Task Later(Guid _)
        {
            var step = new TaskCompletionSource();
            pending.Enqueue(step);
            return step.Task;
        }

        (room.Bus.OnSubscribe, room.Bus.OnUnsubscribe) = (Later, Later);
        var place = new WaitedOrder(room.OrderId, room.Bus);
        var here = new List<Waiter>();

        // The first one in makes a step, and the end after the last one out, and nobody else does.
        var expected = 0;
        var subscribed = false;
        for (var step = 0; step < 30; step++)
        {
            switch (random.Next(4))
            {
                case 0:
                    var waiter = new Waiter(room.OrderId, new WaitCondition(null, WaitUntil.Settled));
                    if (!place.TryJoin(waiter, most: 100, out _))
                    {
                        // Retired: nobody was left, so nothing stands open. The next one takes a new object.
                        Assert.Empty(here);
                        place = new WaitedOrder(room.OrderId, room.Bus);
                        Assert.True(place.TryJoin(waiter, most: 100, out _));
                    }

                    here.Add(waiter);
                    expected += subscribed ? 0 : 1;
                    subscribed = true;
                    break;
                case 1 when here.Count > 0:
                    var leaving = here[random.Next(here.Count)];
                    here.Remove(leaving);
                    Assert.Equal(here.Count == 0, place.Leave(leaving));
                    break;
                case 2:
                    // Whenever it comes: it ends what nobody is left for, once.
                    expected += subscribed && here.Count == 0 ? 1 : 0;
                    subscribed &= here.Count > 0;
                    _ = place.EndAsync();
                    break;
                default:
                    if (pending.TryDequeue(out var done))
                    {
                        done.SetResult();
                    }

                    break;
            }

            Assert.True(pending.Count <= 1, Say("two steps at once", seed, room));
        }

        await Eventually.IsAsync(() =>
        {
            while (pending.TryDequeue(out var done))
            {
                done.SetResult();
            }

            return room.Log.Count(l => l is "subscribed" or "unsubscribed") == expected;
        });

        // The steps alternate, and what stands at the end fits who is here.
        var steps = room.Log.Where(l => l is "subscribe" or "unsubscribe").ToList();
        Assert.True(steps.Select((s, i) => s == (i % 2 == 0 ? "subscribe" : "unsubscribe")).All(fits => fits), Say("not in turn", seed, room));
        Assert.True((steps.Count % 2 == 1) == subscribed, Say("the last step does not fit", seed, room));
        place.Deliver(room.View(9), onThisThread: random.Next(2) == 0);
        here.ForEach(w => Assert.Equal(9, w.SeenVersion));
    }

    private static string Say(string what, int seed, WaitingRoom room) =>
        string.Create(CultureInfo.InvariantCulture, $"{what}: seed {seed}: {string.Join(' ', room.Log)}");
}
