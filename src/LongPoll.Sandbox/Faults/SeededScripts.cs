using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.Faults;

/// <summary>
/// The script of a push, drawn from the seed, the order's number and which push of the order it is.
/// Not every fault goes with every other: money that nobody could ever hear of (the push's answer lost, its callback too)
/// would prove nothing about a server. Whatever is drawn here, a server can bring to rest within two minutes.
/// </summary>
internal static class SeededScripts
{
    /// <summary>Lies of the query end before a server that asks at 30 s and at 60 s asks the second time.</summary>
    private static readonly TimeSpan LiesFor = TimeSpan.FromSeconds(42);

    public static PushScript For(long seed, long number, int push)
    {
        Dice dice = new(seed, number, $"push {push}");
        return Faulty(ref dice, Ordinary(ref dice, push));
    }

    private static PushScript Ordinary(ref Dice dice, int push)
    {
        // Who tries again mostly means it.
        int mood = dice.Below(100);
        int paying = push == 1 ? 62 : 80;
        PromptAction action = mood < paying ? PromptAction.Pin
            : mood < paying + 8 ? PromptAction.Cancel
            : mood < paying + 12 ? PromptAction.WrongPin
            : mood < paying + 16 ? PromptAction.InsufficientFunds
            : PromptAction.Ignore;
        CallbackShape shape = (CallbackShape)dice.Below(3);
        return new PushScript
        {
            Answer = new PromptAnswer(action, shape, TimeSpan.Zero, 1),
            Think = dice.Between(TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(4)),
        };
    }

    private static PushScript Faulty(ref Dice dice, PushScript script)
    {
        PromptAnswer answer = script.Answer!;
        TimeSpan delay = dice.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12));
        QueryFaults lie = new((QueryBehaviour)(1 + dice.Below(5)), LiesFor);

        // Believed by a server, FAILED ends an attempt: its callback must come in the end, or the money is known to nobody.
        QueryFaults soft = lie.Behaviour == QueryBehaviour.Failed ? lie with { Behaviour = QueryBehaviour.Queued } : lie;
        bool paying = answer.Action == PromptAction.Pin;
        return dice.Below(100) switch
        {
            < 10 => With(script, answer with { Times = 4, Faults = new() { Together = true } }),
            < 14 => With(script, answer with { Times = 3 }),
            < 20 => With(script, answer with { Delay = delay }) with { Query = lie },
            < 27 => With(script, answer with { Faults = new() { Lost = true } }) with { Query = dice.Chance(50) ? soft : QueryFaults.None },
            < 31 => With(script, answer with { Faults = new() { Stale = StaleReport.Pending } }),
            < 35 => With(script, answer with { Faults = new() { Stale = paying ? StaleReport.Failure : StaleReport.Pending } }),
            < 40 => With(script, answer with { Faults = new() { Stale = StaleReport.EarlierAttempt } }),
            < 44 => With(script, answer with { Faults = new() { Forged = Forgery.WrongSecret } }),
            < 49 => With(script, answer with { Faults = new() { Forged = Forgery.OtherSecret } }),
            < 53 => With(script, answer with { Faults = new() { Forged = paying ? Forgery.ChangedAmount : Forgery.WrongSecret } }),
            < 57 => With(script, answer with { Faults = new() { AmountOff = paying ? (dice.Chance(50) ? 1 : -1) : 0 } }),
            < 63 => With(script, answer) with { CallbackFirst = true, Think = TimeSpan.Zero },
            < 70 => With(script, LateSuccess(ref dice, answer)),
            < 74 => script with { Push = PushBehaviour.LoseAnswer },
            < 76 => script with { Push = PushBehaviour.Down },
            < 77 => script with { Push = PushBehaviour.Refuse },
            < 79 => script with { Push = PushBehaviour.Slow },
            < 85 => script with { Query = lie },
            _ => script,
        };
    }

    private static PushScript With(PushScript script, PromptAnswer answer) => script with { Answer = answer };

    private static PromptAnswer LateSuccess(ref Dice dice, PromptAnswer answer) => answer with
    {
        Action = dice.Chance(70) ? PromptAction.Cancel : PromptAction.Ignore,
        Faults = new CallbackFaults { LateSuccess = dice.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(15)) },
    };
}
