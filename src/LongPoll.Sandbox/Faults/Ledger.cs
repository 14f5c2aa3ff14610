using System.Text.Json.Serialization;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.Faults;

/// <summary>What a callback that was sent really was.</summary>
[JsonConverter(typeof(SnakeCaseEnum<CallbackKind>))]
internal enum CallbackKind
{
    /// <summary>PayHero's own, with the outcome.</summary>
    True,

    /// <summary>PayHero's own, overtaken by a later one.</summary>
    Stale,

    /// <summary>Somebody else's, at an address with a wrong secret.</summary>
    ForgedWrongSecret,

    /// <summary>Somebody else's, at the address of another attempt.</summary>
    ForgedOtherSecret,

    /// <summary>Somebody else's, with another amount.</summary>
    ForgedAmount,
}

/// <summary>One try of a callback and what it was answered. <c>Result</c>, <c>OrderId</c> and <c>BookingReference</c> are LongPoll's words.</summary>
internal sealed record LedgerCallback(
    CallbackKind Kind, string? Receipt, DateTimeOffset At, int? Status, string? Result, Guid? OrderId, string? BookingReference);

/// <summary>The truth about one push or pay page, whatever callbacks and queries say.</summary>
/// <param name="Reference">The provider's reference.</param>
/// <param name="ExternalReference">The caller's.</param>
/// <param name="Phone">254 and nine digits.</param>
/// <param name="AmountAsked">Major units.</param>
/// <param name="PushedAt">When the push came.</param>
/// <param name="Receipt">The receipt; null while no money moved.</param>
/// <param name="AmountPaid">Major units that moved; null while none did.</param>
/// <param name="PaidAt">When it moved.</param>
/// <param name="Delivered">A true callback about the money was answered 2xx.</param>
/// <param name="FailureToldAt">When the caller was first told, by callback or query, that there will be no money. 1037 does not say so.</param>
/// <param name="Callbacks">Every callback that was sent about it.</param>
internal sealed record LedgerLine(
    string Reference, string ExternalReference, string Phone, decimal AmountAsked, DateTimeOffset PushedAt,
    string? Receipt, decimal? AmountPaid, DateTimeOffset? PaidAt, bool Delivered, DateTimeOffset? FailureToldAt,
    IReadOnlyList<LedgerCallback> Callbacks)
{
    public static LedgerLine Of(Prompt prompt)
    {
        LedgerCallback[] callbacks = [.. prompt.Callbacks];
        string? receipt = prompt.Outcome?.Receipt;
        return new LedgerLine(
            prompt.Push.Reference, prompt.Push.ExternalReference, prompt.Msisdn, prompt.Push.Amount, prompt.Push.PushedAt,
            receipt,
            receipt is null ? null : prompt.Outcome!.PaidAmount ?? prompt.Push.Amount,
            receipt is null ? null : prompt.Outcome!.At,
            receipt is not null && callbacks.Any(c => c.Kind == CallbackKind.True && c.Receipt == receipt && c.Status is >= 200 and < 300),
            prompt.FailureToldAt,
            callbacks);
    }

    public static LedgerLine Of(PayPage page)
    {
        LedgerCallback[] callbacks = [.. page.Callbacks];
        string? receipt = page.TransactionId;
        return new LedgerLine(
            page.Id, page.Reference, page.BuyerPhone, page.MajorAmount, page.OpenedAt,
            receipt,
            page.PaidMajorAmount,
            receipt is null ? null : page.ChangedAt,
            receipt is not null && callbacks.Any(c => c.Kind == CallbackKind.True && c.Receipt == receipt && c.Status is >= 200 and < 300),
            page.FailureToldAt,
            callbacks);
    }
}
