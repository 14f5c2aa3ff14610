using System.Threading.Channels;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.PayHero;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Phone;

/// <summary>Every phone of the country: shows prompts, takes answers, and lets what nobody answered lapse.</summary>
internal sealed class PretendPhone(
    PromptStore prompts, CallbackSender callbacks, IOptions<SandboxOptions> options, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    // All prompts live equally long, so they lapse in the order in which they came, and a queue is all the clock it takes.
    private readonly Channel<Prompt> _lapsing = Channel.CreateUnbounded<Prompt>(new UnboundedChannelOptions { SingleReader = true });

    public ChannelReader<Prompt> Lapsing => _lapsing.Reader;

    public Prompt Receive(PayHeroPush push, PushScript script)
    {
        Prompt prompt = new(push, options.Value.PromptLife) { Script = script };
        prompts.Add(prompt);
        if (script.Answer is { } answer)
            _ = AfterAsync(script.Think, () => TryAnswer(prompt, answer));
        if (prompt.LapsesAt is not null)
            _lapsing.Writer.TryWrite(prompt);
        return prompt;
    }

    /// <summary>False when the prompt was answered before.</summary>
    public bool TryAnswer(Prompt prompt, PromptAnswer answer)
    {
        if (!prompt.TryTake(answer))
            return false;
        if (answer.Action != PromptAction.Ignore)
            End(prompt, answer);
        return true;
    }

    /// <summary>The prompt's life is over: unless it was answered, that is its result.</summary>
    public void Lapse(Prompt prompt)
    {
        prompt.TryTake(new PromptAnswer(PromptAction.Ignore, options.Value.CallbackShape, TimeSpan.Zero, 1));
        if (prompt.Answer is { Action: PromptAction.Ignore } ignored)
            End(prompt, ignored);
    }

    private void End(Prompt prompt, PromptAnswer answer)
    {
        DateTimeOffset now = clock.GetUtcNow();
        PaymentOutcome outcome = answer.Action switch
        {
            PromptAction.Pin => Paid(prompt, answer, now),
            PromptAction.Cancel => PaymentOutcome.Cancelled(now),
            PromptAction.InsufficientFunds => PaymentOutcome.InsufficientFunds(now),
            PromptAction.WrongPin => PaymentOutcome.WrongPin(now),
            _ => PaymentOutcome.Lapsed(now),
        };
        prompt.End(outcome);
        callbacks.Send(prompt, answer, outcome);
        if (answer.Faults.LateSuccess is { } later && !outcome.Paid)
            _ = AfterAsync(later, () => PayLate(prompt, answer));
    }

    // The provider had said that there is no money, and then there is.
    private void PayLate(Prompt prompt, PromptAnswer answer)
    {
        PaymentOutcome outcome = Paid(prompt, answer, clock.GetUtcNow());
        prompt.End(outcome);
        callbacks.Send(prompt, answer with { Action = PromptAction.Pin, Faults = CallbackFaults.None }, outcome);
    }

    private static PaymentOutcome Paid(Prompt prompt, PromptAnswer answer, DateTimeOffset now) =>
        PaymentOutcome.Success(now) with { PaidAmount = answer.Faults.AmountOff == 0 ? null : prompt.Push.Amount + answer.Faults.AmountOff };

    private async Task AfterAsync(TimeSpan pause, Action deed)
    {
        // A timer of zero would still take a turn of the clock, and a test's clock does not turn by itself.
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, clock, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
            deed();
    }
}
