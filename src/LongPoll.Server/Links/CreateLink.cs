using LongPoll.Server.Orders;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Links;

/// <summary>Checks a new payment link by the rules of orders, and stores it under a short code of its own.</summary>
internal sealed partial class CreateLink(OrderRules rules, ILinkStore store, TimeProvider clock, ILogger<CreateLink> logger)
{
    /// <summary>How long a link can be paid when the request does not say.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(24);

    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(366);

    /// <summary>Fifty bits: not to be guessed, and short enough to be read out.</summary>
    private const int CodeLength = 10;
    private const int MostDraws = 5;

    /// <summary>The link, or what is wrong with the request, by field.</summary>
    public async Task<(PaymentLink? Link, Dictionary<string, string[]> Errors)> HandleAsync(CreateLinkRequest request, CancellationToken cancel)
    {
        var (link, errors) = Check(request);
        if (link is null)
        {
            return (null, errors);
        }

        for (var draw = 0; draw < MostDraws; draw++)
        {
            link = link with { ShortCode = Codes.Random(CodeLength) };
            if (await store.CreateLinkAsync(link, cancel))
            {
                LogCreated(logger, link.LinkId, link.Amount, link.Provider);
                return (link, errors);
            }
        }

        throw new TimeoutException($"No short code could be drawn in {MostDraws} tries.");
    }

    private (PaymentLink? Link, Dictionary<string, string[]> Errors) Check(CreateLinkRequest request)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        void Wrong(string field, string why) => errors[field] = errors.TryGetValue(field, out var old) ? [.. old, why] : [why];

        // What a link asks for is one item of the order that will pay it.
        var (provider, amount) = rules.CheckPrice(
            request.Provider,
            request.Currency,
            [ItemOf(request.Description, request.Amount)],
            (field, why) => Wrong(field switch { "items[0].name" => "description", "items[0].unitPrice" or "items" => "amount", _ => field }, why));
        var now = clock.GetUtcTimestamp();
        var expiresAt = request.ExpiresAt is { } named ? Instant(named) : now + DefaultLifetime;
        if (expiresAt <= now || expiresAt > now + LongestLifetime)
        {
            Wrong("expiresAt", "Must be in the future, and at most a year ahead.");
        }

        return errors.Count > 0 ? (null, errors) : (new PaymentLink
        {
            LinkId = Guid.CreateVersion7(),
            ShortCode = "",
            Amount = amount,
            Description = request.Description!.Trim(),
            Provider = provider,
            State = request.Draft == true ? LinkState.Draft : LinkState.Open,
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = expiresAt,
            LastEvent = new LinkEvent(LinkEvents.Created, now),
        }, errors);
    }

    /// <summary>The one item of a link's order.</summary>
    public static ItemRequest ItemOf(string? description, decimal? amount) => new(description, 1, amount, Seats: null);

    // An instant without a zone is UTC, as every instant here; fractions of a millisecond are in no database.
    private static DateTime Instant(DateTime named)
    {
        var utc = named.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(named, DateTimeKind.Utc) : named.ToUniversalTime();
        return new DateTime(utc.Ticks - (utc.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
    }

    [LoggerMessage(1300, LogLevel.Information, "Payment link created: {LinkId} ({Amount}, {Provider})")]
    private static partial void LogCreated(ILogger logger, Guid linkId, Money amount, string provider);
}
