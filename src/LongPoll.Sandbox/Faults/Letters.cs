using System.Text.Json;
using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.Faults;

/// <summary>A callback about to be sent, true or not.</summary>
internal sealed record Letter(CallbackKind Kind, Uri Address, CallbackShape Shape, PaymentOutcome Outcome)
{
    /// <summary>The push that it speaks of, where that is not the prompt's own.</summary>
    public PayHeroPush? About { get; init; }

    public bool IsForged => Kind is not (CallbackKind.True or CallbackKind.Stale);

    /// <summary>
    /// Says that there will be no money. 1037 only says that the phone was not reached; the flat shape has no code and
    /// says "failed" for that too.
    /// </summary>
    public bool SaysFailure => !IsForged && !Outcome.Paid && Outcome.ResultCode != 4999 && (Outcome.ResultCode != 1037 || Shape == CallbackShape.B);

    public byte[] Write(PayHeroPush own) => PayHeroWire.Callback(Shape, About ?? own, Outcome);
}

/// <summary>Writes the letters that a fault adds to a callback, and files what each was answered.</summary>
internal sealed class Letters(PromptStore prompts, TimeProvider clock)
{
    // A load test may send a callback a hundred times; the ledger needs no more than this of one prompt.
    private const int MostFiled = 32;

    public Letter? Forged(Prompt prompt, PromptAnswer answer, Letter letter)
    {
        DateTimeOffset now = clock.GetUtcNow();
        return answer.Faults.Forged switch
        {
            Forgery.WrongSecret => new Letter(CallbackKind.ForgedWrongSecret, Spoil(letter.Address), CallbackShape.A, PaymentOutcome.Forged(now)),
            Forgery.OtherSecret when Other(prompt)?.Push.CallbackUrl is { } other =>
                new Letter(CallbackKind.ForgedOtherSecret, other, CallbackShape.A, PaymentOutcome.Forged(now)),
            Forgery.ChangedAmount when letter.Outcome.Paid && !answer.Faults.Lost =>
                letter with { Kind = CallbackKind.ForgedAmount, Outcome = letter.Outcome with { PaidAmount = prompt.Push.Amount + 7 } },
            _ => null,
        };
    }

    public Letter? Stale(Prompt prompt, PromptAnswer answer, Letter letter)
    {
        DateTimeOffset now = clock.GetUtcNow();
        Letter pending = new(CallbackKind.Stale, letter.Address, CallbackShape.A, PaymentOutcome.StillRunning(now));
        return answer.Faults.Stale switch
        {
            StaleReport.Pending => pending,
            StaleReport.Failure when letter.Outcome.Paid => pending with { Outcome = PaymentOutcome.Cancelled(now) },
            StaleReport.EarlierAttempt => Earlier(prompt) is { Push: { CallbackUrl: { } address } push, Outcome: { Paid: false } outcome }
                ? pending with { Address = address, Outcome = outcome, About = push }
                : pending,
            _ => null,
        };
    }

    public static void File(Prompt prompt, Letter letter, CallbackTry result)
    {
        if (prompt.Callbacks.Count >= MostFiled)
            return;
        (string? word, Guid? orderId, string? booking) = Read(result.Answer);
        prompt.Callbacks.Enqueue(new LedgerCallback(letter.Kind, letter.Outcome.Receipt, result.At, result.Status, word, orderId, booking));
    }

    private Prompt? Other(Prompt prompt) => prompts.Newest(1, other => other.Msisdn != prompt.Msisdn) is [var other] ? other : null;

    private Prompt? Earlier(Prompt prompt) =>
        prompts.Newest(1, other => other.Msisdn == prompt.Msisdn && other.Push.PushedAt < prompt.Push.PushedAt) is [var earlier] ? earlier : null;

    // A secret of the same length and alphabet that differs in one sign: what a sloppy comparison would let through.
    private static Uri Spoil(Uri address)
    {
        string text = address.AbsoluteUri;
        int at = text.Length - 5;
        return new Uri(string.Concat(text.AsSpan(0, at), text[at] == 'A' ? "B" : "A", text.AsSpan(at + 1)));
    }

    private static (string? Word, Guid? OrderId, string? Booking) Read(string? answer)
    {
        try
        {
            CallbackReply? reply = answer is null ? null : JsonSerializer.Deserialize(answer, SandboxJson.Default.CallbackReply);
            return (reply?.Result, reply?.OrderId, reply?.BookingReference);
        }
        catch (JsonException)
        {
            // Whoever receives callbacks here may answer what they like.
            return default;
        }
    }
}

/// <summary>LongPoll's answer to a callback.</summary>
internal sealed record CallbackReply(string? Result, Guid? OrderId, string? BookingReference);
