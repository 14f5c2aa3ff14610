using LongPoll.Server.Bus;
using LongPoll.Server.Payments;
using LongPoll.Tests.Contracts;
using LongPoll.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>The pages of this node do not wait for the bus.</summary>
public sealed class AnnouncementsTests
{
    [Fact]
    public void Post_BusHangs_PagesHereHearAtOnce() => Assert.Equal([1], HeardWhile(_ => new TaskCompletionSource().Task));

    [Fact]
    public void Post_BusIsAway_PagesHereHearAllTheSame() =>
        Assert.Equal([1], HeardWhile(_ => Task.FromException(new BusUnavailableException("Away."))));

    private static IEnumerable<long> HeardWhile(Func<OrderSnapshot, Task> announce)
    {
        var heard = new HeardMessages();
        using var announcements = new Announcements(
            new ScriptedBus([]) { OnAnnounce = announce }, heard, new ScriptedStore([]), TimeProvider.System, NullLogger<Announcements>.Instance);
        var order = Drafts.Order().Order with { Version = 1 };

        announcements.Post(order);

        return heard.VersionsOf(order.OrderId);
    }
}
