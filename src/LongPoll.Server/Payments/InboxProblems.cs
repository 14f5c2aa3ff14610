namespace LongPoll.Server.Payments;

/// <summary>Why money waits for a person; the word that the money inbox shows and the counter of alarms counts by.</summary>
internal static class InboxProblems
{
    /// <summary>Another amount or currency than the order's, or one that is disputed.</summary>
    public const string WrongAmount = "wrong_amount";

    /// <summary>The order is paid already, or the payment link that it belongs to is.</summary>
    public const string SecondPayment = "second_payment";

    /// <summary>The transaction came for another order before.</summary>
    public const string TransactionUsed = "transaction_used";

    /// <summary>No attempt fitted it for a day.</summary>
    public const string UnknownAttempt = "unknown_attempt";
}
