namespace LongPoll.Server.Payments;

/// <summary>What the payment link that an order belongs to says about that order.</summary>
/// <param name="Open">The link takes payments: it was not canceled and has not been closed by time.</param>
/// <param name="ExpiresAt">No order of the link can be paid for longer.</param>
/// <param name="Replaced">A newer order of the link stands in this one's place.</param>
/// <param name="PaidByAnother">Another order of the link has the money.</param>
internal sealed record LinkTerms(bool Open, DateTime ExpiresAt, bool Replaced, bool PaidByAnother)
{
    /// <summary>May this order still be tried?</summary>
    public bool LetsPay(DateTime now) => Open && ExpiresAt > now && !Replaced && !PaidByAnother;
}

/// <summary>The payment link that a new order is for. Its place there is taken in the commit that opens the order.</summary>
internal sealed record LinkPlace(Guid LinkId, DateTime ExpiresAt);
