namespace LongPoll.Tests.Http.Providers;

public abstract class PayHeroComplianceTests(ServerWorld world) : ProviderComplianceTests(world)
{
    protected override Task<PretendProvider> StartAsync() => PretendPayHero.StartAsync();
}

public abstract class StripeComplianceTests(ServerWorld world) : ProviderComplianceTests(world)
{
    protected override async Task<PretendProvider> StartAsync() => await PretendStripe.StartAsync();
}

public abstract class PhonePeCallbackComplianceTests(ServerWorld world) : ProviderComplianceTests(world)
{
    protected override async Task<PretendProvider> StartAsync() => await PretendPhonePe.StartAsync(v2: false);
}

public abstract class PhonePeWebhookComplianceTests(ServerWorld world) : ProviderComplianceTests(world)
{
    protected override async Task<PretendProvider> StartAsync() => await PretendPhonePe.StartAsync(v2: true);
}
