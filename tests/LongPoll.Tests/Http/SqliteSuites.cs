using LongPoll.Tests.Http.Links;
using LongPoll.Tests.Http.Providers;
using Xunit;

namespace LongPoll.Tests.Http;

public sealed class SqliteOrderViewTests(SqliteWorld world) : OrderViewTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteOrderRuleTests(SqliteWorld world) : OrderRuleTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteProblemTests(SqliteWorld world) : ProblemTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteOrderReplayTests(SqliteWorld world) : OrderReplayTests(world), IClassFixture<SqliteWorld>;

public sealed class SqlitePushTests(SqliteWorld world) : PushTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteOrderAccessTests(SqliteWorld world) : OrderAccessTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteRateLimitTests(SqliteWorld world) : RateLimitTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteMoneyInboxTests(SqliteWorld world) : MoneyInboxTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteReadingTests(SqliteWorld world) : ReadingTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteRetryTests(SqliteWorld world) : RetryTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteWaitEndingTests(SqliteWorld world) : WaitEndingTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteWaitQueryTests(SqliteWorld world) : WaitQueryTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteWaitLimitTests(SqliteWorld world) : WaitLimitTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteEventStreamTests(SqliteWorld world) : EventStreamTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteCallbackShapeTests(SqliteWorld world) : CallbackShapeTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteCallbackSecretTests(SqliteWorld world) : CallbackSecretTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteCallbackResultTests(SqliteWorld world) : CallbackResultTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteCallbackRaceTests(SqliteWorld world) : CallbackRaceTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteVerifyTests(SqliteWorld world) : VerifyTests(world), IClassFixture<SqliteWorld>;

public sealed class SqlitePaymentPageTests(SqliteWorld world) : PaymentPageTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteHealthTests(SqliteWorld world) : HealthTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteLogTests(SqliteWorld world) : LogTests(world), IClassFixture<SqliteWorld>
{
    protected override string Bus => "memory";
}

public sealed class SqliteOrderBugTests(SqliteWorld world) : OrderBugTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteJobTests(SqliteWorld world) : JobTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteTicketTests(SqliteWorld world) : TicketTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteMailTests(SqliteWorld world) : MailTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteErasureTests(SqliteWorld world) : ErasureTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteTicketServiceTests(SqliteWorld world) : TicketServiceTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteMailServerTests(SqliteWorld world) : MailServerTests(world), IClassFixture<SqliteWorld>;

public sealed class SqlitePayHeroComplianceTests(SqliteWorld world) : PayHeroComplianceTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteStripeComplianceTests(SqliteWorld world) : StripeComplianceTests(world), IClassFixture<SqliteWorld>;

public sealed class SqlitePhonePeCallbackComplianceTests(SqliteWorld world) : PhonePeCallbackComplianceTests(world), IClassFixture<SqliteWorld>;

public sealed class SqlitePhonePeWebhookComplianceTests(SqliteWorld world) : PhonePeWebhookComplianceTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteStripeTests(SqliteWorld world) : StripeTests(world), IClassFixture<SqliteWorld>;

public sealed class SqlitePhonePeTests(SqliteWorld world) : PhonePeTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteRefundTests(SqliteWorld world) : RefundTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteSandboxPageTests(SqliteWorld world) : SandboxPageTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteComingFromPollingTests(SqliteWorld world) : ComingFromPollingTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteLinkTests(SqliteWorld world) : LinkTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteLinkPaymentTests(SqliteWorld world) : LinkPaymentTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteLinkJobTests(SqliteWorld world) : LinkJobTests(world), IClassFixture<SqliteWorld>;

public sealed class SqliteLinkPageTests(SqliteWorld world) : LinkPageTests(world), IClassFixture<SqliteWorld>;
