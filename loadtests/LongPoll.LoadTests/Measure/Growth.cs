namespace LongPoll.LoadTests.Measure;

/// <summary>By what factor something grows, from pairs that were measured one right after the other.</summary>
/// <param name="Ratio">The geometric mean of the pairs' ratios.</param>
/// <param name="Low">Lower end of its 95 % confidence interval; equal to the ratio when there is only one pair.</param>
/// <param name="High">Upper end.</param>
/// <param name="Pairs">How many.</param>
internal sealed record Growth(double Ratio, double Low, double High, int Pairs)
{
    // Student's t for 95 %, two-sided, by degrees of freedom; from 30 on it is near enough to the normal distribution.
    private static readonly double[] Student =
    [
        double.NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
        2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045,
    ];

    /// <summary>Ratios are compared on their logarithms, so that twice as much and half as much weigh the same.</summary>
    public static Growth Of(IEnumerable<(double From, double To)> pairs)
    {
        double[] logs = [.. pairs.Select(pair => Math.Log(pair.To / pair.From))];
        double mean = logs.Average();
        double half = 0;
        if (logs.Length > 1)
        {
            double deviation = Math.Sqrt(logs.Sum(log => (log - mean) * (log - mean)) / (logs.Length - 1));
            double t = logs.Length - 1 < Student.Length ? Student[logs.Length - 1] : 1.96;
            half = t * deviation / Math.Sqrt(logs.Length);
        }

        return new Growth(Round(mean), Round(mean - half), Round(mean + half), logs.Length);

        static double Round(double log) => Math.Round(Math.Exp(log), 4);
    }

    public override string ToString() => FormattableString.Invariant($"× {Ratio:F3} (95 % between {Low:F3} and {High:F3}, {Pairs} pairs)");
}
