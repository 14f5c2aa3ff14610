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

    /// <summary>When to ask about attempts that stay silent, and which of them can be asked about.</summary>
    AskRules AskRules { get; }

    /// <summary>Where it calls us.</summary>
    IReadOnlyList<CallbackRoute> CallbackRoutes { get; }

    /// <summary>What can be charged in this currency; null when nothing can.</summary>
    ChargeRules? RulesFor(string currency);

    /// <summary>
    /// Asks the provider to charge: a prompt on a phone, or a page of the provider's, whose address the report carries.
    /// At most one charge comes of it: a second prompt could collect twice. Never throws for what the provider does;
    /// whatever comes of it is a report.
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

    /// <summary>
    /// Asks whether a refund is done, where its news came from somebody who can be imitated; null while it is not, or when the
    /// provider cannot be asked.
    /// </summary>
    Task<PaymentReport?> QueryRefundAsync(Attempt attempt, string refundId, CancellationToken cancel) => Task.FromResult<PaymentReport?>(null);

    /// <summary>
    /// The time to pay is over: takes back what the buyer could still pay, and tells how the attempt stands then, which
    /// may be paid. Null where nothing can be taken back (a prompt on a phone) or nobody answered.
    /// </summary>
    Task<PaymentReport?> CloseAsync(Attempt attempt, CancellationToken cancel) => Task.FromResult<PaymentReport?>(null);
}

/// <summary>An address that a provider calls.</summary>
/// <param name="Path">Below the root; <c>{token}</c> in it is the callback's token.</param>
/// <param name="Name">In the description of the API.</param>
/// <param name="Summary">One sentence for it.</param>
/// <param name="Metadata">What the endpoint reads by hand, for the same description.</param>
internal sealed record CallbackRoute(string Path, string Name, string Summary, params object[] Metadata);

/// <summary>What a provider can charge in one currency.</summary>
/// <param name="Step">Prices are multiples of this, in major units: 1 where there are no cents.</param>
/// <param name="Least">The smallest charge, in major units.</param>
/// <param name="Most">The largest charge, in major units.</param>
internal sealed record ChargeRules(decimal Step, decimal Least, decimal Most);

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

    public IReadOnlyCollection<IPaymentProvider> All => _byName.Values;

    public IPaymentProvider? Find(string name) => _byName.GetValueOrDefault(name);

    public IPaymentProvider Get(string name) => _byName[name];
}
