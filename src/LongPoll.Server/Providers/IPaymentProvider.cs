using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers;

/// <summary>One way to collect money. A provider speaks its wire format on one side and <see cref="PaymentReport"/> on the other.</summary>
internal interface IPaymentProvider
{
    /// <summary>The word in <c>provider</c> of an order.</summary>
    string Name { get; }

    /// <summary>True when it can charge: its keys are configured.</summary>
    bool Configured { get; }

    /// <summary>True when it takes callbacks: the secret that tells them from forgeries is configured.</summary>
    bool TakesCallbacks { get; }

    /// <summary>When to ask about attempts that stay silent.</summary>
    AskRules AskRules { get; }

    /// <summary>What can be charged in this currency; null when nothing can.</summary>
    ChargeRules? RulesFor(string currency);

    /// <summary>
    /// Asks the provider to charge, once: a second prompt could collect twice. Never throws for what the provider
    /// does; whatever comes of it is a report.
    /// </summary>
    Task<PaymentReport> StartAsync(Charge charge, CancellationToken cancel);

    /// <summary>
    /// False when the head of a callback already tells that it is not the provider's: then nothing of its body is read.
    /// </summary>
    bool Admits(string? token, IHeaderDictionary headers);

    /// <summary>
    /// True when the callback has the right secret or signature over its bytes as they came; with it the attempt that
    /// the secret is good for, where it is good for one alone.
    /// </summary>
    bool Accepts(CallbackRequest request, out Guid? attemptId);

    /// <summary>Reads the body of a callback that was accepted. Pure.</summary>
    CallbackReading Read(ReadOnlyMemory<byte> body);

    /// <summary>
    /// Asks what became of an attempt; null when the provider cannot be asked about it or gave no usable answer.
    /// An unknown answer is never a failure.
    /// </summary>
    Task<PaymentReport?> QueryAsync(Attempt attempt, ReportSource source, CancellationToken cancel);
}

/// <summary>What a provider can charge in one currency.</summary>
/// <param name="WholeUnitsOnly">No cents.</param>
/// <param name="Most">The largest charge, in major units.</param>
internal sealed record ChargeRules(bool WholeUnitsOnly, decimal Most);

/// <summary>What is to be collected, and from whom.</summary>
internal sealed record Charge(Attempt Attempt, string OrderNumber, string Phone, string CustomerName);

/// <summary>A callback as it came in.</summary>
internal sealed record CallbackRequest(string? Token, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body);

/// <summary>How the reading of a callback ended.</summary>
internal enum CallbackVerdict
{
    /// <summary>Wrong secret or signature.</summary>
    Refused,

    /// <summary>The right secret, but no JSON.</summary>
    Unreadable,

    /// <summary>Readable, and it says nothing about an order's payment.</summary>
    Irrelevant,

    /// <summary>A report.</summary>
    Understood,
}

/// <summary>What was read from a callback; the report when there is one.</summary>
internal sealed record CallbackReading(CallbackVerdict Verdict, PaymentReport? Report = null);

/// <summary>The providers by name.</summary>
internal sealed class PaymentProviders(IEnumerable<IPaymentProvider> providers)
{
    public const string Default = "payhero";

    private readonly Dictionary<string, IPaymentProvider> _byName = providers.ToDictionary(p => p.Name, StringComparer.Ordinal);

    public IPaymentProvider? Find(string name) => _byName.GetValueOrDefault(name);

    public IPaymentProvider Get(string name) => _byName[name];
}
