namespace LongPoll.LoadTests.Measure;

/// <summary>
/// By what factor something grows, from pairs that were measured one right after the other or at once: the Hodges–Lehmann estimate on the
/// logarithms of the pairs' ratios, with the interval of Wilcoxon's signed-rank test. Neither minds a few pairs in which the machine stood still for a moment,
/// and neither supposes a normal distribution.
/// </summary>
/// <param name="Ratio">The median of the geometric means of any two pairs.</param>
/// <param name="Low">Lower end of its 95 % confidence interval; with fewer than six pairs there is none, and this is the least pair.</param>
/// <param name="High">Upper end.</param>
/// <param name="Pairs">How many.</param>
internal sealed record Growth(double Ratio, double Low, double High, int Pairs)
{
    private const int FewestForInterval = 6;

    /// <summary>Ratios are compared on their logarithms, so that twice as much and half as much weigh the same.</summary>
    public static Growth Of(IEnumerable<(double From, double To)> pairs)
    {
        double[] logs = [.. pairs.Select(pair => Math.Log(pair.To / pair.From))];
        double[] walsh = [.. logs.SelectMany((one, n) => logs[n..].Select(other => (one + other) / 2)).Order()];

        // So many of the averages lie outside, at each end.
        int outside = logs.Length < FewestForInterval ? 0 : Outside(logs.Length);
        return new Growth(Round((walsh[(walsh.Length - 1) / 2] + walsh[walsh.Length / 2]) / 2), Round(walsh[outside]), Round(walsh[^(outside + 1)]), logs.Length);

        static double Round(double log) => Math.Round(Math.Exp(log), 4);
    }

    public override string ToString() => FormattableString.Invariant(
        $"× {Ratio:F3} ({(Pairs < FewestForInterval ? "" : "95 % ")}between {Low:F3} and {High:F3}, {Pairs} pairs)");

    /// <summary>The largest rank sum that is reached or undercut by chance in no more than 2.5 % of cases, exactly.</summary>
    private static int Outside(int pairs)
    {
        // ways[s]: in how many ways ranks of 1..n add up to s; each rank is positive or negative with the same chance.
        int largest = pairs * (pairs + 1) / 2;
        double[] ways = new double[largest + 1];
        ways[0] = 1;
        for (int rank = 1; rank <= pairs; rank++)
        {
            for (int sum = largest; sum >= rank; sum--)
                ways[sum] += ways[sum - rank];
        }

        int sumOfChance = 0;
        for (double chance = ways[0]; chance <= 0.025 * Math.Pow(2, pairs); chance += ways[sumOfChance])
            sumOfChance++;
        return sumOfChance - 1;
    }
}
