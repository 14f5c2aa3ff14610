using LongPoll.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>What one suite runs against: a database of its own, a pretend PayHero, and a node that knows both.</summary>
public abstract class ServerWorld : IAsyncLifetime
{
    /// <summary>The plain token, as a merchant sets it in PayHero's dashboard.</summary>
    public const string CallbackToken = "dashboard-token-0123456789";

    private FakePayHero? _payHero;
    private Shop? _shop;

    public Shop Shop => _shop!;

    public FakePayHero PayHero => _payHero!;

    /// <summary>A further node on the same database.</summary>
    public Task<Shop> StartAsync(string environment = "Development", params (string Key, string? Value)[] settings) => StartAsync(environment, adjust: null, settings);

    /// <summary>A further node on the same database, with some parts in the place of its own.</summary>
    public Task<Shop> StartAsync(Action<IServiceCollection> adjust, params (string Key, string? Value)[] settings) => StartAsync("Development", adjust, settings);

    public Task<Shop> StartAsync(params (string Key, string? Value)[] settings) => StartAsync("Development", adjust: null, settings);

    /// <summary>Rows of a table that belong to an order.</summary>
    public abstract Task<long> CountAsync(string table, string orderId);

    /// <summary>All rows of a table.</summary>
    public abstract Task<long> CountAsync(string table);

    /// <summary>Moves instants of the rows with this id back, as if so much time had passed since they were written.</summary>
    public abstract Task AgeAsync(string table, string idColumn, string id, TimeSpan by, params string[] columns);

    public async ValueTask InitializeAsync()
    {
        Store = await PrepareStoreAsync();
        _payHero = await FakePayHero.StartAsync();
        _shop = await StartAsync();
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Shop.DisposeAsync();
        await PayHero.DisposeAsync();
    }

    /// <summary>The settings that choose store and bus.</summary>
    protected IReadOnlyDictionary<string, string?> Store { get; private set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    protected abstract Task<IReadOnlyDictionary<string, string?>> PrepareStoreAsync();

    private async Task<Shop> StartAsync(string environment, Action<IServiceCollection>? adjust, (string Key, string? Value)[] settings)
    {
        var all = new Dictionary<string, string?>(Store, StringComparer.OrdinalIgnoreCase)
        {
            ["PayHero:BaseUrl"] = PayHero.Url,
            ["PayHero:BasicAuthToken"] = "dGVzdDp0ZXN0",
            ["PayHero:ChannelId"] = "3767",
            ["PayHero:CallbackToken"] = CallbackToken,
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return new Shop(await ServerNode.StartAsync(all, environment, adjust), PayHero);
    }
}
