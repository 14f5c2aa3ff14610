using LongPoll.Server.Jobs;
using LongPoll.Server.Payments;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LongPoll.Tests.Http.Providers;

/// <summary>What every provider owes. A new one inherits this and only says how it writes.</summary>
public abstract class ProviderComplianceTests(ServerWorld world)
{
    private protected ServerWorld World => world;

    protected abstract Task<PretendProvider> StartAsync();

    [Fact]
    [Trait("Acceptance", "43")]
    [Trait("Acceptance", "44")]
    public async Task Paid_CompletesTheOrderAndAnswersWhoWaits()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();
        var transaction = PretendProvider.NewTransaction();
        run.Provider.Tell(order, transaction);
        var waiting = run.Shop.WaitAsync(order);
        await run.Shop.ParkedAsync(1);

        await run.PostAsync(run.Provider.Paid(order, transaction), "applied");

        var page = (await waiting).AssertView("completed", "notified");
        Assert.Equal(transaction, page.Json.GetProperty("receipt").GetString());
        Assert.StartsWith("BK-", page.Json.GetProperty("bookingReference").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
        Assert.Equal(1, await world.CountAsync("bookings", order.Id));
    }

    [Fact]
    public async Task Forged_IsRefusedAndLeavesNothing()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();
        var kept = await world.CountAsync("callbacks");

        (await run.Provider.Forged(run.Provider.Paid(order, PretendProvider.NewTransaction())).PostTo(run.Shop)).AssertProblem(401);

        Assert.Equal(kept, await world.CountAsync("callbacks"));
        (await run.Shop.ReadAsync(order)).AssertView("processing");
    }

    [Fact]
    public async Task ChangedByOneByte_PaysNothing()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();

        var answer = await run.Provider.Altered(order, PretendProvider.NewTransaction()).PostTo(run.Shop);

        Assert.True(answer.Status == 401 || answer.Result is "review" or "unconfirmed", answer.ToString());
        Assert.NotEqual("completed", (await run.Shop.ReadAsync(order)).PaymentStatus);
        Assert.Equal(0, await world.CountAsync("payments", order.Id));
    }

    [Fact]
    [Trait("Acceptance", "48")]
    public async Task SameMessageManyTimesAtOnceAndLater_IsOnePayment()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();
        var transaction = PretendProvider.NewTransaction();
        run.Provider.Tell(order, transaction);
        var letter = run.Provider.Paid(order, transaction);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => letter.PostTo(run.Shop)));
        Assert.All(answers, a => a.AssertStatus(200));
        await run.BecomesAsync(order, "completed");
        var booking = (await run.Shop.ReadAsync(order)).Json.GetProperty("bookingReference").GetString();
        var again = (await letter.PostTo(run.Shop)).AssertResult("duplicate");

        Assert.Equal(booking, again.Json.GetProperty("bookingReference").GetString());
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
        Assert.Equal(1, await world.CountAsync("bookings", order.Id));
    }

    [Fact]
    public async Task FailureAfterPaid_ChangesNothing()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();
        var failed = run.Provider.Failed(order);
        var transaction = PretendProvider.NewTransaction();
        run.Provider.Tell(order, transaction);
        await run.PostAsync(run.Provider.Paid(order, transaction), "applied");
        var paid = await run.BecomesAsync(order, "completed");

        (await failed.PostTo(run.Shop)).AssertResult("ignored");

        Assert.Equal(paid.Bytes, (await run.Shop.ReadAsync(order)).Bytes);
    }

    [Fact]
    public async Task PaidAfterFailure_Counts()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();
        run.Provider.Tell(order, transaction: null);
        await run.PostAsync(run.Provider.Failed(order), "applied");
        await Until.ValueAsync(() => run.Shop.ReadAsync(order), a => a.Json.GetProperty("settled").GetBoolean());

        var transaction = PretendProvider.NewTransaction();
        run.Provider.Tell(order, transaction);
        await run.PostAsync(run.Provider.Paid(order, transaction), "applied");

        await run.BecomesAsync(order, "completed");
    }

    [Fact]
    public async Task WrongAmount_GoesToTheMoneyInboxAndPaysNothing()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();
        var transaction = PretendProvider.NewTransaction();
        run.Provider.Tell(order, transaction, off: -1);

        await run.PostAsync(run.Provider.Paid(order, transaction, off: -1), "review");

        var seen = await Until.ValueAsync(() => run.Shop.ReadAsync(order), a => a.Json.GetProperty("reason").GetString() == "under_review");
        seen.AssertView("processing");
        Assert.False(seen.Json.GetProperty("safeToRetry").GetBoolean());
        Assert.Equal(1, await world.CountAsync("money_inbox", order.Id));
        Assert.Equal(0, await world.CountAsync("payments", order.Id));
    }

    [Fact]
    public async Task UnknownPayment_IsKeptAndAnswered()
    {
        await using var run = await RunAsync();
        var kept = await world.CountAsync("callbacks");

        (await run.Provider.PaidUnknown().PostTo(run.Shop)).AssertResult("unmatched");

        Assert.Equal(kept + 1, await world.CountAsync("callbacks"));
    }

    [Fact]
    [Trait("Acceptance", "50")]
    [Trait("Acceptance", "54")]
    public async Task CallbackNeverComes_TheProviderIsAskedAndTheOrderSettles()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();
        var transaction = PretendProvider.NewTransaction();
        run.Provider.Tell(order, transaction);

        // Other nodes of the same database, which know another PayHero, may be quicker with an attempt that is due.
        var settled = await Until.ValueAsync(() => run.ReconcileAsync(order), a => a.PaymentStatus == "completed");

        Assert.Equal(transaction, settled.Json.GetProperty("receipt").GetString());
        Assert.True(run.Provider.Asked(order) >= 1);
    }

    [Fact]
    [Trait("Acceptance", "51")]
    [Trait("Acceptance", "53")]
    public async Task Verify_AsksAndSettles()
    {
        await using var run = await RunAsync();
        var order = await run.PlaceAsync();
        var transaction = PretendProvider.NewTransaction();
        run.Provider.Tell(order, transaction);

        (await run.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");

        Assert.Equal(1, await world.CountAsync("payments", order.Id));
        (await run.Provider.Paid(order, transaction).PostTo(run.Shop)).AssertResult("duplicate");
    }

    [Fact]
    public async Task TooLargeOrNoJson_IsRefused()
    {
        await using var run = await RunAsync();

        (await run.Provider.Raw("no json"u8.ToArray()).PostTo(run.Shop)).AssertProblem(run.Provider.StatusOfGarbage);
        var letter = run.Provider.Raw([.. Enumerable.Repeat((byte)' ', (64 * 1024) + 1)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, letter.Path) { Content = new ByteArrayContent(letter.Body) };
        request.Headers.ExpectContinue = true;
        foreach (var (name, value) in letter.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        (await run.Shop.SendAsync(request)).AssertProblem(413);
    }

    [Fact]
    public async Task CurrencyThatItCannotCharge_IsRefusedByField()
    {
        await using var run = await RunAsync();
        var body = run.Provider.Order();
        body["currency"] = run.Provider.OtherCurrency;

        var refused = (await run.Shop.CreateAsync(body)).AssertProblem(400);

        Assert.True(refused.Json.GetProperty("errors").TryGetProperty("currency", out _));
    }

    [Fact]
    public async Task WithoutItsSecret_ThereIsNoCallbackAndItCannotBeChosen()
    {
        await using var provider = await StartAsync();
        await using var shop = await world.StartAsync([.. provider.Settings.Where(s => !provider.SecretKeys.Contains(s.Key)), .. provider.SecretKeys.Select(k => (k, (string?)null)), ("Sandbox:Enabled", "false")]);

        (await provider.Raw("{}"u8.ToArray()).PostTo(shop)).AssertProblem(404);
        var refused = (await shop.CreateAsync(provider.Order())).AssertProblem(400);
        Assert.True(refused.Json.GetProperty("errors").TryGetProperty("provider", out _));
    }

    private protected async Task<Run> RunAsync()
    {
        var provider = await StartAsync();
        return new Run(provider, await world.StartAsync([.. provider.Settings]));
    }

    /// <summary>A pretend provider and a node that knows it.</summary>
    private protected sealed record Run(PretendProvider Provider, Shop Shop) : IAsyncDisposable
    {
        public Task<Placed> PlaceAsync() => Provider.PlaceAsync(Shop);

        /// <summary>Where the provider is not believed, the answer says that it is being asked instead.</summary>
        public async Task PostAsync(Letter letter, string result) => (await letter.PostTo(Shop)).AssertResult(Provider.IsBelieved ? result : "unconfirmed");

        public Task<Answer> BecomesAsync(Placed order, string paymentStatus) => Until.ValueAsync(() => Shop.ReadAsync(order), a => a.PaymentStatus == paymentStatus);

        /// <summary>Asks about the order as if its first pause were over, and looks at it.</summary>
        public async Task<Answer> ReconcileAsync(Placed order)
        {
            var cancel = TestContext.Current.CancellationToken;
            var attempt = (await Service<IOrderStore>().FindAttemptsAsync(Guid.Parse(order.Id), cancel))[^1];
            await Service<IReconcileStore>().ScheduleAsksAsync([new NextAsk(attempt.OrderId, attempt.AttemptId, TimeProvider.System.GetUtcTimestamp())], cancel);
            await Service<Reconcile>().RunAsync(cancel);
            return await Shop.ReadAsync(order);
        }

        public async ValueTask DisposeAsync()
        {
            await Shop.DisposeAsync();
            await Provider.DisposeAsync();
        }

        private T Service<T>()
            where T : notnull => Shop.Node.Services.GetRequiredService<T>();
    }
}
