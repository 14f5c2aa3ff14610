namespace LongPoll.Sandbox.PayHero;

/// <summary>How a push ended, in Safaricom's words.</summary>
/// <param name="ResultCode">0 is money; everything else is none.</param>
/// <param name="ResultDesc">The sentence that travels with the code.</param>
/// <param name="Receipt">The M-PESA receipt; null unless money moved.</param>
/// <param name="At">When it ended.</param>
public sealed record PaymentOutcome(int ResultCode, string ResultDesc, string? Receipt, DateTimeOffset At)
{
    private static readonly CodeSequence ReceiptTails = new(7);

    /// <summary>Whole shillings that moved, where they are not what the push asked for.</summary>
    public long? PaidAmount { get; init; }

    /// <summary>True when money moved.</summary>
    public bool Paid => ResultCode == 0;

    /// <summary>The right PIN, with a fresh receipt.</summary>
    public static PaymentOutcome Success(DateTimeOffset at) =>
        new(0, "The service request is processed successfully.", NewReceipt(at), at);

    /// <summary>The buyer pressed Cancel: 1032.</summary>
    public static PaymentOutcome Cancelled(DateTimeOffset at) => new(1032, "Request Cancelled by user.", null, at);

    /// <summary>Nobody answered: 1037.</summary>
    public static PaymentOutcome Lapsed(DateTimeOffset at) => new(1037, "DS timeout user cannot be reached.", null, at);

    /// <summary>Not enough money: 1.</summary>
    public static PaymentOutcome InsufficientFunds(DateTimeOffset at) =>
        new(1, "The balance is insufficient for the transaction.", null, at);

    /// <summary>Wrong PIN: 2001.</summary>
    public static PaymentOutcome WrongPin(DateTimeOffset at) => new(2001, "The initiator information is invalid.", null, at);

    /// <summary>No outcome yet: 4999.</summary>
    internal static PaymentOutcome StillRunning(DateTimeOffset at) => new(4999, "The transaction is still under processing.", null, at);

    /// <summary>What a forger claims: success, with a receipt that M-PESA never gave. Its first letters tell it from all true ones.</summary>
    internal static PaymentOutcome Forged(DateTimeOffset at) => Success(at) with { Receipt = ForgedMark + ReceiptTails.Next() };

    internal const string ForgedMark = "XXF";

    // M-PESA's form: a letter each for year (A is 2006) and month, 1…9 A…V for the day in Nairobi, seven characters more.
    private static string NewReceipt(DateTimeOffset at)
    {
        DateTimeOffset nairobi = NairobiTime.From(at);
        char year = (char)('A' + ((nairobi.Year - 2006) % 26));
        char month = (char)('A' + nairobi.Month - 1);
        char day = (char)(nairobi.Day < 10 ? '0' + nairobi.Day : 'A' + nairobi.Day - 10);
        return $"{year}{month}{day}{ReceiptTails.Next()}";
    }
}
