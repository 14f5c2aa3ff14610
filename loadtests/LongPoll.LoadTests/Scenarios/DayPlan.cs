namespace LongPoll.LoadTests.Scenarios;

/// <summary>What kind of day is played.</summary>
/// <param name="Name">Of the scenario.</param>
/// <param name="InFlight">Payments under way at any moment.</param>
/// <param name="Duration">How long orders are taken.</param>
/// <param name="Pause">Between two questions of a page that polls; null for pages that are held.</param>
/// <param name="SampleEvery">How often memory and processor time are noted.</param>
/// <param name="CollectsAtHalf">Whether memory is compared between half-time and end, after forced collections.</param>
internal sealed record DayPlan(string Name, int InFlight, TimeSpan Duration, TimeSpan? Pause, TimeSpan SampleEvery, bool CollectsAtHalf)
{
    /// <summary>The source documents' day: a thousand payments under way, each page is held.</summary>
    public static readonly DayPlan Mixed = new("mixed", 1000, TimeSpan.FromMinutes(2), null, TimeSpan.FromSeconds(1), CollectsAtHalf: false);

    /// <summary>The same day before long polling: each page asks every five seconds.</summary>
    public static readonly DayPlan Polling = Mixed with { Name = "polling", Pause = TimeSpan.FromSeconds(5) };

    /// <summary>A long day, to see what grows.</summary>
    public static readonly DayPlan Soak = Mixed with { Name = "soak", Duration = TimeSpan.FromMinutes(10), SampleEvery = TimeSpan.FromSeconds(5), CollectsAtHalf = true };

    /// <summary>Of a hundred buyers, so many press Cancel.</summary>
    public const int Cancelling = 8;

    /// <summary>And so many mistype their PIN or have too little money.</summary>
    public const int Failing = 4;

    /// <summary>How long M-PESA and its buyers take at least, from the order to the callback.</summary>
    public TimeSpan ShortestPayment { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>And at most.</summary>
    public TimeSpan LongestPayment { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Orders a second that keep <see cref="InFlight"/> payments under way.</summary>
    public double Rate => InFlight / ((ShortestPayment + LongestPayment) / 2).TotalSeconds;

    /// <summary>The plan as it was asked for on the command line.</summary>
    public DayPlan For(LoadSettings settings) => this with
    {
        InFlight = settings.Waiters ?? InFlight,
        Duration = settings.Duration ?? Duration,
        Pause = Pause / settings.Speed,
        ShortestPayment = ShortestPayment / settings.Speed,
        LongestPayment = LongestPayment / settings.Speed,
    };
}
