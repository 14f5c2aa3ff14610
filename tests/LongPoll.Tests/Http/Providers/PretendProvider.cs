using System.Text.Json.Nodes;
using Xunit;

namespace LongPoll.Tests.Http.Providers;

/// <summary>A callback on its way: where to, what, and with which proof.</summary>
public sealed record Letter(string Path, byte[] Body, params (string Name, string Value)[] Headers)
{
    public Task<Answer> PostTo(Shop shop) => shop.PostAsync(Path, Body, Headers);
}

/// <summary>A provider as the compliance suite wants it: it takes charges, answers questions, and writes callbacks in its own format.</summary>
public abstract class PretendProvider : IAsyncDisposable
{
    private static int _transactions;

    public abstract string Name { get; }

    /// <summary>What a node must be told to use it.</summary>
    public abstract IReadOnlyList<(string Key, string? Value)> Settings { get; }

    /// <summary>Which settings hold the secret that callbacks need.</summary>
    public abstract IReadOnlyList<string> SecretKeys { get; }

    /// <summary>False where a callback's proof does not cover its body, so that the provider is asked before anything moves.</summary>
    public virtual bool IsBelieved => true;

    /// <summary>The currency of its orders.</summary>
    public abstract string Currency { get; }

    /// <summary>A currency that it cannot charge.</summary>
    public virtual string OtherCurrency => "EUR";

    /// <summary>What a body is answered that is no JSON but came with as good a proof as there can be.</summary>
    public virtual int StatusOfGarbage => 400;

    public static string NewTransaction() => $"TX{Interlocked.Increment(ref _transactions):D8}";

    /// <summary>An order of 300 in its currency.</summary>
    public JsonObject Order()
    {
        var body = Shop.Body();
        (body["provider"], body["currency"]) = (Name, Currency);
        return body;
    }

    public async Task<Placed> PlaceAsync(Shop shop)
    {
        var body = Order();
        var answer = await shop.CreateAsync(body);
        Assert.True(answer.Status == 201, answer.Text);
        return new Placed(
            answer.Json.GetProperty("orderId").GetString()!, answer.Json.GetProperty("accessToken").GetString()!, (string)body["customer"]!["phone"]!, answer);
    }

    /// <summary>The news that the order's newest charge was paid, with this transaction; <paramref name="off"/> is added to the amount, in major units.</summary>
    public abstract Letter Paid(Placed order, string transaction, int off = 0);

    /// <summary>The news that there will be no money.</summary>
    public abstract Letter Failed(Placed order);

    /// <summary>The same with somebody else's proof.</summary>
    public abstract Letter Forged(Letter letter);

    /// <summary>The amount changed by one byte after the proof was made.</summary>
    public abstract Letter Altered(Placed order, string transaction);

    /// <summary>The news that an order was paid that nobody here has.</summary>
    public abstract Letter PaidUnknown();

    /// <summary>Any body with as good a proof as there can be.</summary>
    public abstract Letter Raw(byte[] body);

    /// <summary>From now on a question about the order's newest charge is answered so; before, it is on its way.</summary>
    public abstract void Tell(Placed order, string? transaction, int off = 0);

    /// <summary>How often it was asked about the order's newest charge.</summary>
    public abstract int Asked(Placed order);

    public abstract ValueTask DisposeAsync();
}
