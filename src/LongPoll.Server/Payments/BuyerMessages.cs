namespace LongPoll.Server.Payments;

/// <summary>One English sentence for the buyer, for every state an order can be in.</summary>
internal static class BuyerMessages
{
    public const string BeingStarted = "Your payment is being started";

    public const string EnterPin = "Check your phone and enter your M-PESA PIN";

    public const string OnTheProvidersPage = "Complete your payment on the provider's page";

    public static string For(Order order) => (order.PaymentStatus, order.Reason) switch
    {
        (PaymentStatus.Completed, _) => "Payment received. Thank you!",
        (_, Reasons.UnderReview) => "We received money for this order and are checking it. You do not need to pay again.",
        (PaymentStatus.Pending, Reasons.ProviderDown or Reasons.ProviderError) =>
            "The payment provider is slow to answer. If a payment request reaches your phone, you can pay it.",
        (PaymentStatus.Pending, _) => BeingStarted,
        (PaymentStatus.Processing, _) when order.CheckoutUrl is not null => OnTheProvidersPage,
        (PaymentStatus.Processing, _) when order.Provider == "payhero" => EnterPin,
        (PaymentStatus.Processing, _) => BeingStarted,
        (PaymentStatus.Cancelled, _) => "You cancelled the payment",
        (_, Reasons.InsufficientFunds) => "There was not enough money in your account",
        (_, Reasons.WrongPin) => "The PIN was not right",
        (_, Reasons.Unreachable) => "Your phone could not be reached",
        (_, Reasons.PromptExpired) => "The payment request ran out before it was answered",
        (_, Reasons.Busy) => "Another payment was open on your phone; try again in a minute",
        (_, Reasons.ProviderDown) => "The payment provider cannot be reached right now; you were not charged",
        (_, Reasons.OrderExpired) => "The time to pay this order is over",
        (PaymentStatus.Expired, _) => "The payment request ran out",
        _ => "The payment did not go through; you were not charged",
    };
}
