using System.Globalization;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Pages;

/// <summary>What happens to pages: buyers press buttons, time runs out, shops close them.</summary>
internal sealed class PayDesk(
    PayPageStore pages, PageSender sender, PayHeroBehaviour behaviour, IOptions<SandboxOptions> options, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private static readonly CodeSequence Transactions = new(12);

    // How long a method that takes days takes here.
    private static readonly TimeSpan DelayedFor = TimeSpan.FromSeconds(5);

    public PayPageStore Pages => pages;

    /// <summary>What is going to happen to a page: nothing by itself, unless a seed says so. The amount says which order it is.</summary>
    public (PushScript Script, string BuyerPhone) ScriptFor(long amount, int page)
    {
        if (behaviour.View.Seed is not { } seed)
            return (PushScript.Unwritten, "");
        long number = SeededPages.NumberOf(seed, amount);
        return (SeededScripts.For(seed, number, page), string.Create(CultureInfo.InvariantCulture, $"2547{number:D8}"));
    }

    /// <summary>A page was made: its buyer begins to think, and its time to run.</summary>
    public void Open(PayPage page)
    {
        if (page.Script.Answer is { } answer && !(page.Script.Push == PushBehaviour.LoseAnswer && page.Provider == PayPage.PhonePe))
            _ = AfterAsync(page.Script.Think, () => Act(page, answer));
        if (options.Value.PromptLife is { } life && life != Timeout.InfiniteTimeSpan && page.Script.Answer is not null)
            _ = AfterAsync(life, () => Expire(page));
    }

    /// <summary>The buyer pressed something. False when the page was over.</summary>
    public bool Act(PayPage page, PromptAnswer answer)
    {
        bool stripe = page.Provider == PayPage.Stripe;
        switch (answer.Action)
        {
            case PromptAction.Pin:
                return Pay(page, PageState.Open, answer);

            // A bank that answers later, and says no.
            case PromptAction.InsufficientFunds when stripe:
                if (!Move(page, PageState.Open, PageState.Delayed, answer with { Faults = CallbackFaults.None }))
                    return false;
                _ = AfterAsync(DelayedFor, () => Move(page, PageState.Delayed, PageState.Failed, answer));
                return true;
            case PromptAction.Cancel or PromptAction.Ignore when answer.Faults.LateSuccess is { } later:
                return PayLate(page, answer, later, stripe);

            // Whoever leaves Stripe's page, or mistypes a card there, can come back until it expires.
            case PromptAction.Cancel or PromptAction.WrongPin when stripe:
                return page.State == PageState.Open;
            case PromptAction.Cancel:
                return Move(page, PageState.Open, PageState.Cancelled, answer);
            case PromptAction.WrongPin or PromptAction.InsufficientFunds:
                return Move(page, PageState.Open, PageState.Failed, answer);
            default:
                return page.State == PageState.Open;
        }
    }

    /// <summary>Its time is over, or its shop closed it. False when it was not open any more.</summary>
    public bool Expire(PayPage page) =>
        Move(page, PageState.Open, PageState.Expired, page.Script.Answer ?? new PromptAnswer(PromptAction.Ignore, options.Value.CallbackShape, TimeSpan.Zero, 1));

    // At Stripe a method that takes days; at PhonePe a bank that had said no.
    private bool PayLate(PayPage page, PromptAnswer answer, TimeSpan later, bool stripe)
    {
        PageState meanwhile = stripe ? PageState.Delayed : PageState.Failed;
        if (!Move(page, PageState.Open, meanwhile, answer))
            return false;
        _ = AfterAsync(later, () => Pay(page, meanwhile, answer with { Faults = CallbackFaults.None }));
        return true;
    }

    private bool Pay(PayPage page, PageState from, PromptAnswer answer)
    {
        string transaction = (page.Provider == PayPage.Stripe ? "pi_" : "T") + Transactions.Next();
        if (!page.TryMove(from, PageState.Paid, clock.GetUtcNow(), transaction, page.Amount + (answer.Faults.AmountOff * 100)))
            return false;
        sender.Send(page, answer, from);
        return true;
    }

    private bool Move(PayPage page, PageState from, PageState to, PromptAnswer answer)
    {
        if (!page.TryMove(from, to, clock.GetUtcNow()))
            return false;
        sender.Send(page, answer, from);
        return true;
    }

    private async Task AfterAsync(TimeSpan pause, Action deed)
    {
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, clock, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
            deed();
    }
}

/// <summary>In a seeded run the amount of a page tells which order it is, as the phone tells it of a prompt.</summary>
internal static class SeededPages
{
    public const long FirstAmount = 10_000;

    public static long NumberOf(long seed, long amount) => ((seed * 10_007) + (amount - FirstAmount)) % 100_000_000;
}
