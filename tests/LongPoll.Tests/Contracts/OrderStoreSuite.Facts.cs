using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    [Theory]
    [InlineData("attempt")]
    [InlineData("reference")]
    [InlineData("digest")]
    [InlineData("provider reference")]
    public async Task FindFacts_OneClue_LeadsToTheAttempt(string clue)
    {
        var attempt = await PromptedAsync();

        var facts = await FactsAsync(ClueTo(attempt, clue));

        Assert.Equal(attempt, facts.Attempt);
        Assert.Equal(attempt.OrderId, facts.Order!.OrderId);
        Assert.Equal([attempt], facts.Siblings);
        Assert.False(facts.CluesDisagree);
        Assert.Null(facts.TransactionTakenBy);
    }

    [Theory]
    [InlineData("attempt", "reference")]
    [InlineData("reference", "digest")]
    [InlineData("digest", "provider reference")]
    public async Task FindFacts_CluesToTwoAttempts_TakesTheSurerAndSaysSo(string surer, string other)
    {
        var (one, two) = (await PromptedAsync(), await PromptedAsync());

        var facts = await FactsAsync(Both(ClueTo(one, surer), ClueTo(two, other)));

        Assert.Equal(one, facts.Attempt);
        Assert.Equal([one], facts.Siblings);
        Assert.True(facts.CluesDisagree);
    }

    [Fact]
    public async Task FindFacts_AllCluesToOneAttempt_Agree()
    {
        var attempt = await PromptedAsync();

        var facts = await FactsAsync(new AttemptClues
        {
            AttemptId = attempt.AttemptId,
            Reference = attempt.Reference,
            CheckoutDigest = attempt.CheckoutDigest,
            ProviderReference = attempt.ProviderReference,
        });

        Assert.Equal(attempt, facts.Attempt);
        Assert.False(facts.CluesDisagree);
    }

    [Fact]
    public async Task FindFacts_NothingFits_KnowsNothing()
    {
        var attempt = await PromptedAsync();
        var unknown = new AttemptClues { AttemptId = Guid.CreateVersion7(), Reference = "none", CheckoutDigest = "none", ProviderReference = "none" };

        Assert.Null((await FactsAsync(unknown)).Attempt);
        Assert.Null((await FactsAsync(new AttemptClues())).Order);
        Assert.Null((await FactsAsync(ClueTo(attempt, "reference"), provider: "stripe")).Attempt);
    }

    [Fact]
    public async Task FindFacts_SecondAttempt_KnowsItsSiblings()
    {
        var draft = await OpenAsync();
        var before = (await SettleAsync(Drafts.Cancelled(draft.Attempt))).After!;
        var (after, attempt, happened) = Retry(before);
        await Store.OpenAttemptAsync(before, after, attempt, happened, Drafts.Limit, Cancel);

        var facts = await FactsAsync(ClueTo(attempt, "reference"));

        Assert.Equal(attempt with { AskAt = null }, facts.Attempt);
        Assert.Equal([1, 2], facts.Siblings.Select(s => s.Number));
    }

    [Fact]
    public async Task FindFacts_TransactionInTheBooks_SaysWhere()
    {
        var (paid, other, receipt) = (await OpenAsync(), await OpenAsync(), Drafts.Receipt());
        await SettleAsync(Drafts.Paid(paid.Attempt, receipt));

        Assert.Equal(new TakenTransaction(paid.Order.OrderId, InMoneyInbox: false), (await FactsAsync(ClueTo(other.Attempt, "reference"), receipt)).TransactionTakenBy);

        // Once the same money stands in both places, the books are the answer.
        Assert.Equal(SettlementResult.Review, (await SettleAsync(Drafts.Paid(other.Attempt, receipt))).Result);
        Assert.Equal(new TakenTransaction(paid.Order.OrderId, InMoneyInbox: false), (await FactsAsync(ClueTo(other.Attempt, "reference"), receipt)).TransactionTakenBy);
    }

    [Fact]
    public async Task FindFacts_TransactionInTheMoneyInbox_SaysWhere()
    {
        var (draft, receipt) = (await OpenAsync(), Drafts.Receipt());
        await SettleAsync(Drafts.Paid(draft.Attempt, receipt, amount: 1));

        Assert.Equal(new TakenTransaction(draft.Order.OrderId, InMoneyInbox: true), (await FactsAsync(ClueTo(draft.Attempt, "reference"), receipt)).TransactionTakenBy);
    }

    [Fact]
    public async Task FindFacts_SeveralReports_AreAnsweredInTheirOrder()
    {
        var (one, two) = (await PromptedAsync(), await PromptedAsync());

        var facts = await Store.FindFactsAsync(
            [
                Drafts.Paid(two, "x"), Drafts.Paid(one with { Reference = "none" }, "x"), Drafts.Paid(one, "x"),
                Drafts.Paid(two, "x") with { Clues = Both(ClueTo(two, "digest"), ClueTo(one, "provider reference")) },
            ],
            Cancel);

        Assert.Equal([two, null, one, two], facts.Select(f => f.Attempt));
        Assert.Equal([false, false, false, true], facts.Select(f => f.CluesDisagree));
    }

    /// <summary>An attempt that has every id.</summary>
    private async Task<Attempt> PromptedAsync()
    {
        var draft = await OpenAsync();
        return (await SettleAsync(Drafts.Accepted(draft.Attempt, "provider-" + draft.Order.OrderNumber, "digest-" + draft.Order.OrderNumber))).Attempt!;
    }

    private async Task<SettlementFacts> FactsAsync(AttemptClues clues, string? receipt = null, string provider = "payhero") =>
        Assert.Single(await Store.FindFactsAsync(
            [new PaymentReport { Provider = provider, Source = ReportSource.Callback, Outcome = ReportedOutcome.Paid, Clues = clues, TransactionId = receipt }], Cancel));

    private static AttemptClues ClueTo(Attempt attempt, string clue) => clue switch
    {
        "attempt" => new() { AttemptId = attempt.AttemptId },
        "reference" => new() { Reference = attempt.Reference },
        "digest" => new() { CheckoutDigest = attempt.CheckoutDigest },
        _ => new() { ProviderReference = attempt.ProviderReference },
    };

    private static AttemptClues Both(AttemptClues one, AttemptClues other) => new()
    {
        AttemptId = one.AttemptId ?? other.AttemptId,
        Reference = one.Reference ?? other.Reference,
        CheckoutDigest = one.CheckoutDigest ?? other.CheckoutDigest,
        ProviderReference = one.ProviderReference ?? other.ProviderReference,
    };
}
