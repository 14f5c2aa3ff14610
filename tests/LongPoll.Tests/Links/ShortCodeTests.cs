using LongPoll.Server.Links;
using LongPoll.Server.Orders;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using LongPoll.Tests.Http;
using LongPoll.Tests.Providers.PayHero;
using LongPoll.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LongPoll.Tests.Links;

/// <summary>The short codes of links.</summary>
public sealed class ShortCodeTests
{
    [Fact]
    public async Task CodeIsTaken_AnotherIsDrawn()
    {
        var store = new TakenCodes(taken: 3);

        var (link, errors) = await MakeAsync(store);

        Assert.Empty(errors);
        Assert.Equal(4, store.Drawn.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(store.Drawn[^1], link!.ShortCode);
    }

    [Fact]
    public async Task EveryCodeIsTaken_GivesUpInsteadOfTryingForEver() =>
        await Assert.ThrowsAsync<TimeoutException>(() => MakeAsync(new TakenCodes(taken: int.MaxValue)));

    private static async Task<(PaymentLink? Link, Dictionary<string, string[]> Errors)> MakeAsync(ILinkStore store)
    {
        await using var payHero = await FakePayHero.StartAsync();
        var services = new ServiceCollection();
        services.AddLogging().AddMetrics();
        services.AddSingleton<TimeProvider>(new TestTimeProvider());
        PayHeroAccount.AddTo(services, payHero.Url);
        services.AddSingleton<PaymentProviders>().AddSingleton<OrderRules>();
        await using var provider = services.BuildServiceProvider();
        var create = new CreateLink(provider.GetRequiredService<OrderRules>(), store, new TestTimeProvider(), NullLogger<CreateLink>.Instance);
        return await create.HandleAsync(new CreateLinkRequest { Amount = 300, Currency = "kes", Description = "Dinner" }, TestContext.Current.CancellationToken);
    }

    /// <summary>A store in which the first codes are always somebody else's.</summary>
    private sealed class TakenCodes(int taken) : ILinkStore
    {
        public List<string> Drawn { get; } = [];

        public Task<bool> CreateLinkAsync(PaymentLink link, CancellationToken cancel)
        {
            Drawn.Add(link.ShortCode);
            return Task.FromResult(Drawn.Count > taken);
        }

        public Task<PaymentLink?> FindLinkAsync(Guid linkId, CancellationToken cancel) => throw new NotSupportedException();

        public Task<PaymentLink?> FindLinkByCodeAsync(string shortCode, CancellationToken cancel) => throw new NotSupportedException();

        public Task<bool> OpenLinkAsync(Guid linkId, DateTime now, CancellationToken cancel) => throw new NotSupportedException();

        public Task<bool> CancelLinkAsync(Guid linkId, DateTime now, CancellationToken cancel) => throw new NotSupportedException();

        public Task<(int Closed, IReadOnlyList<Guid> Expired)> CloseOverdueLinksAsync(DateTime now, int limit, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<Order>> CloseOrdersAsync(Guid linkId, DateTime now, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<Guid>> FindStuckLinksAsync(DateTime before, int limit, CancellationToken cancel) => throw new NotSupportedException();
    }
}
