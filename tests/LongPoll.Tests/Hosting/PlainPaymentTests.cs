using System.Runtime.CompilerServices;
using LongPoll.Server.Hosting;
using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Hosting;

/// <summary>What the server writes into the shell of a payment page.</summary>
public sealed class PlainPaymentTests
{
    private static readonly OrderView Open = new()
    {
        OrderId = Guid.CreateVersion7(),
        OrderNumber = "XM26QJTC",
        PaymentStatus = "processing",
        Status = "pending",
        Settled = false,
        TotalAmount = 1234.5m,
        Currency = "KES",
        RefundedAmount = 0,
        Provider = "stripe",
        Receipt = null,
        CheckoutUrl = "https://checkout.example/?a=1&b=\"><script>",
        Reason = null,
        Message = "<b>Complete</b>",
        SafeToRetry = false,
        Customer = new CustomerView("Test", "t***@example.com", "2547*****678"),
        BookingReference = null,
        Fulfilment = "none",
        Tickets = [],
        Version = 2,
        CreatedAt = DateTime.UnixEpoch,
        UpdatedAt = DateTime.UnixEpoch,
        ExpiresAt = DateTime.UnixEpoch,
    };

    [Fact]
    public void Of_TheShopsShell_StandsInsideOfItsNoscript()
    {
        var page = PlainPayment.Of(ShopShell(), Open);

        var body = page[page.IndexOf("<noscript>\n      <main", StringComparison.Ordinal)..page.LastIndexOf("</noscript>", StringComparison.Ordinal)];
        Assert.Contains("<h1>Waiting for payment</h1>", body, StringComparison.Ordinal);
        Assert.DoesNotContain("needs JavaScript. The page", page, StringComparison.Ordinal);
        Assert.Contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_TextFromElsewhere_CanBeNoMarkup()
    {
        var page = PlainPayment.Of(PlainPayment.Shell, Open);

        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Contains("KES 1,234.5", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("completed", "pending", true)]
    [InlineData("completed", "completed", false)]
    [InlineData("expired", "none", false)]
    public void Of_SettledOrder_LooksAgainOnlyForTickets(string paymentStatus, string fulfilment, bool looksAgain)
    {
        var page = PlainPayment.Of(PlainPayment.Shell, Open with { PaymentStatus = paymentStatus, Settled = true, Fulfilment = fulfilment });

        Assert.Equal(looksAgain, page.Contains("http-equiv", StringComparison.Ordinal));
        Assert.DoesNotContain("checkout.example", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("You cancelled the payment", "<p>You cancelled the payment.</p>")]
    [InlineData("Payment received. Thank you!", "<p>Payment received. Thank you!</p>")]
    public void Of_Message_EndsAsASentenceDoes(string message, string paragraph)
    {
        var page = PlainPayment.Of(PlainPayment.Shell, Open with { Message = message });

        Assert.Contains(paragraph, page, StringComparison.Ordinal);
    }

    private static string ShopShell([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../../src/demo-shop/index.html")).ReplaceLineEndings("\n");
}
