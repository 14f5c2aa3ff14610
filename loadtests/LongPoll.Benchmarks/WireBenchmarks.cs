using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers.PayHero;
using LongPoll.Server.Waiting;
using Microsoft.AspNetCore.Http;

namespace LongPoll.Benchmarks;

/// <summary>From the body of a PayHero callback to a report.</summary>
public class CallbackBenchmarks
{
    private byte[] _body = [];

    /// <summary>The three forms in which results arrive.</summary>
    [ParamsSource(nameof(Forms))]
    public string Form { get; set; } = "";

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Forms => PayHeroSamples.Body.Samples.Keys;

    /// <summary>Takes the body.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _body = Encoding.UTF8.GetBytes(PayHeroSamples.Body.Samples[Form]);
        if (Read() is null)
            throw new InvalidOperationException($"The form {Form} is not understood.");
    }

    /// <summary>Parses and reads it.</summary>
    [Benchmark]
    public object? Read()
    {
        using JsonDocument json = JsonDocument.Parse(_body);
        return PayHeroCallback.Read(json.RootElement);
    }
}

/// <summary>The order view: written once for each change, read once for each node and message.</summary>
public class ViewBenchmarks
{
    private readonly Order _order = Sample.Order;
    private readonly OrderSnapshot _message = Sample.PaidView(Sample.Order.OrderId);

    /// <summary>Order to bytes.</summary>
    [Benchmark]
    public object Write() => OrderSnapshot.Of(_order);

    /// <summary>Message to what decides who is woken.</summary>
    [Benchmark]
    public object? Read() => OrderSnapshot.Read(_message.OrderId, _message.Json);
}

/// <summary>What a wait asks for.</summary>
public class WaitQueryBenchmarks
{
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);

    private readonly DefaultHttpContext _http = new();

    /// <summary>What stands behind the path.</summary>
    [Params("", "?timeout=60", "?since=3&until=settled&timeout=60")]
    public string Query { get; set; } = "";

    /// <summary>Sets it.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _http.Request.QueryString = new QueryString(Query);
        if (!Read())
            throw new InvalidOperationException($"{Query} is not understood.");
    }

    /// <summary>Reads it.</summary>
    [Benchmark]
    public bool Read() => WaitQuery.TryRead(_http.Request, Hold, out _, out _);
}
