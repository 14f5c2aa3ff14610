using Xunit;

namespace LongPoll.Tests.Http.Links;

/// <summary>The two jobs of payment links: closing those whose time is over, and telling of those that are stuck.</summary>
public abstract class LinkJobTests(ServerWorld world) : LinkSuite(world)
{
    [Fact]
    [Trait("Acceptance", "97")]
    [Trait("Acceptance", "109")]
    public async Task ExpiredLinks_ClosesOpenLinksPastTheirTimeAndNoOthers()
    {
        await using var shop = await World.StartAsync(("Logging:LogLevel:Default", "Information"), ("Logging:Console:LogLevel:Default", "None"));
        using var log = LogCapture.On(shop);
        var (overdue, _) = await MakeAsync(shop);
        var (draft, _) = await MakeAsync(shop, Body(draft: true));
        var (canceled, _) = await MakeAsync(shop);
        (await CancelAsync(shop, canceled)).AssertStatus(200);
        var (paid, _, _) = await PaidLinkAsync(shop);
        var (young, _) = await MakeAsync(shop);
        foreach (var link in (string[])[overdue, draft, canceled, paid])
        {
            await AgeLinkAsync(link, TimeSpan.FromDays(1));
        }

        var before = (await StatusAsync(shop, paid)).Text;

        await RunAsync(shop, "expired-links");

        var expired = await StandsAsync(shop, overdue, "EXPIRED", "EXPIRED");
        Assert.True(expired.GetProperty("isExpired").GetBoolean());
        Assert.Equal("The time to pay is over", expired.GetProperty("statusMessage").GetString());
        Assert.Equal(expired.GetProperty("updatedAt").GetDateTime(), expired.GetProperty("lastEventTimestamp").GetDateTime());
        await StandsAsync(shop, draft, "DRAFT");
        await StandsAsync(shop, canceled, "CANCELED");
        await StandsAsync(shop, young, "OPEN");
        await log.HasAsync("Expired links job completed");
        await log.HasAsync($"Payment link expired: {overdue}");

        // A paid link stays as it was; twice is as once.
        Assert.Equal(before, (await StatusAsync(shop, paid)).Text);
        var settled = (await StatusAsync(shop, overdue)).Text;
        await RunAsync(shop, "expired-links");
        Assert.Equal(settled, (await StatusAsync(shop, overdue)).Text);
        Assert.Single(log.Lines, l => l.Contains($"Payment link expired: {overdue}", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Acceptance", "98")]
    [Trait("Acceptance", "110")]
    public async Task StuckPayments_AreTold_AndNothingIsChanged()
    {
        // PayHero knows nothing of the payment, so that nobody can end it; and the job that closes links has not run.
        await using var shop = await World.StartAsync();
        using var log = LogCapture.On(shop);
        var (silent, _) = await MakeAsync(shop);
        var order = await PayAsync(shop, silent);
        var (overdue, _) = await MakeAsync(shop);
        var (paid, _, _) = await PaidLinkAsync(shop);
        var (waiting, _) = await MakeAsync(shop);
        await PayAsync(shop, waiting);
        await AgeOrderAsync(order, TimeSpan.FromMinutes(26));
        await AgeLinkAsync(overdue, TimeSpan.FromHours(25));
        await AgeLinkAsync(paid, TimeSpan.FromHours(25));
        string[] before = [(await StatusAsync(shop, silent)).Text, (await StatusAsync(shop, overdue)).Text];

        await RunAsync(shop, "stuck-payments");

        var line = Assert.Single(log.Lines, l => l.Contains("Found stuck payment links", StringComparison.Ordinal));
        Assert.StartsWith("Warning", line, StringComparison.Ordinal);
        Assert.Matches(@"count=\d+", line);
        Assert.Contains(overdue, line, StringComparison.Ordinal);
        Assert.Contains(silent, line, StringComparison.Ordinal);
        Assert.DoesNotContain(paid, line, StringComparison.Ordinal);
        Assert.DoesNotContain(waiting, line, StringComparison.Ordinal);
        string[] after = [(await StatusAsync(shop, silent)).Text, (await StatusAsync(shop, overdue)).Text];
        Assert.Equal(before, after);
    }
}
