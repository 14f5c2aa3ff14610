using LongPoll.Tests.Http;
using LongPoll.Tests.Http.Links;
using LongPoll.Tests.Http.Providers;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

public sealed class PostgresOrderViewTests(PostgresWorld world) : OrderViewTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresOrderRuleTests(PostgresWorld world) : OrderRuleTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresProblemTests(PostgresWorld world) : ProblemTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresOrderReplayTests(PostgresWorld world) : OrderReplayTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresPushTests(PostgresWorld world) : PushTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresOrderAccessTests(PostgresWorld world) : OrderAccessTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresRateLimitTests(PostgresWorld world) : RateLimitTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresMoneyInboxTests(PostgresWorld world) : MoneyInboxTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresReadingTests(PostgresWorld world) : ReadingTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresRetryTests(PostgresWorld world) : RetryTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresWaitEndingTests(PostgresWorld world) : WaitEndingTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresWaitQueryTests(PostgresWorld world) : WaitQueryTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresWaitLimitTests(PostgresWorld world) : WaitLimitTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresEventStreamTests(PostgresWorld world) : EventStreamTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresCallbackShapeTests(PostgresWorld world) : CallbackShapeTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresCallbackSecretTests(PostgresWorld world) : CallbackSecretTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresCallbackResultTests(PostgresWorld world) : CallbackResultTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresCallbackRaceTests(PostgresWorld world) : CallbackRaceTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresVerifyTests(PostgresWorld world) : VerifyTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresPaymentPageTests(PostgresWorld world) : PaymentPageTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresHealthTests(PostgresWorld world) : HealthTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresJobTests(PostgresWorld world) : JobTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresOrderBugTests(PostgresWorld world) : OrderBugTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresTicketTests(PostgresWorld world) : TicketTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresMailTests(PostgresWorld world) : MailTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresTicketServiceTests(PostgresWorld world) : TicketServiceTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresMailServerTests(PostgresWorld world) : MailServerTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresErasureTests(PostgresWorld world) : ErasureTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresLogTests(PostgresWorld world) : LogTests(world), IClassFixture<PostgresWorld>
{
    private readonly PostgresWorld _world = world;

    protected override string Bus => "Redis";

    [Fact]
    [Trait("Acceptance", "171")]
    [Trait("Acceptance", "176")]
    public async Task Log_Redis_TellsOfSubscriptionsAndMessages()
    {
        await using var shop = await _world.StartAsync(("Logging:LogLevel:Default", "Information"), ("Logging:Console:LogLevel:Default", "None"));
        using var log = LogCapture.On(shop);
        var order = await shop.PlaceAsync();
        var waiting = shop.WaitAsync(order);
        await shop.ParkedAsync(1);
        await shop.PaidAsync(order);
        await waiting;

        await log.HasAsync($"Subscribed to Redis channel: order:status:{order.Id}");
        await log.HasAsync($"Redis message received for order: {order.Id}");
    }
}

public sealed class PostgresPayHeroComplianceTests(PostgresWorld world) : PayHeroComplianceTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresStripeComplianceTests(PostgresWorld world) : StripeComplianceTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresPhonePeCallbackComplianceTests(PostgresWorld world) : PhonePeCallbackComplianceTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresPhonePeWebhookComplianceTests(PostgresWorld world) : PhonePeWebhookComplianceTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresStripeTests(PostgresWorld world) : StripeTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresPhonePeTests(PostgresWorld world) : PhonePeTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresRefundTests(PostgresWorld world) : RefundTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresSandboxPageTests(PostgresWorld world) : SandboxPageTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresComingFromPollingTests(PostgresWorld world) : ComingFromPollingTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresLinkTests(PostgresWorld world) : LinkTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresLinkJobTests(PostgresWorld world) : LinkJobTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresLinkPageTests(PostgresWorld world) : LinkPageTests(world), IClassFixture<PostgresWorld>;

public sealed class PostgresLinkPaymentTests(PostgresWorld world) : LinkPaymentTests(world), IClassFixture<PostgresWorld>
{
    [Fact]
    public async Task Pay_ManyAtOnceOnTwoNodes_OneStartsAndTheOthersAre409()
    {
        await using var other = await World.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            var (link, _) = await MakeAsync(World.Shop);

            await OneOfManyAsync(link, World.Shop, other);
        }
    }
}
