using LongPoll.LoadTests.Measure;
using Xunit;

namespace LongPoll.Tests.LoadTests;

/// <summary>The arithmetic behind the load tests' figures.</summary>
public sealed class SpreadTests
{
    [Fact]
    public void Percentiles_AreValuesThatWereMeasured()
    {
        var spread = Spread.Of(Enumerable.Range(1, 1000).Reverse().Select(i => TimeSpan.FromMilliseconds(i)));

        Assert.Equal((500, 900, 990, 999, 1000), (spread.P50, spread.P90, spread.P99, spread.P999, spread.Max));
        Assert.Equal(1000, spread.Count);
        Assert.Equal((1, 1000), (spread.Curve[0], spread.Curve[^1]));
        Assert.Equal(spread.Curve.Order(), spread.Curve);
    }

    [Fact]
    public void Nothing_HasNoPercentiles() => Assert.Equal((0, 0, 0), (Spread.Of([]).Count, Spread.Of([]).P50, Spread.Of([]).Max));

    [Fact]
    public void Growth_OfManyPairs_HasTheIntervalOfTheSignedRankTest()
    {
        // Logarithms 0.1 to 1.0. Tables give 8 as the critical rank sum of ten pairs, so the ninth average from each end bounds the interval:
        // 0.1, 0.15, 0.2, 0.2, 0.25, 0.25, 0.3, 0.3, 0.3.
        var growth = Growth.Of(Enumerable.Range(1, 10).Select(i => (1.0, Math.Exp(i / 10.0))));

        Assert.Equal((Math.Exp(0.55), Math.Exp(0.3), Math.Exp(0.8)), (growth.Ratio, growth.Low, growth.High), Near);
    }

    [Fact]
    public void Growth_MindsNoPairInWhichTheMachineStoodStill()
    {
        var growth = Growth.Of([.. Enumerable.Repeat((1.0, 1.1), 11), (1, 5)]);

        Assert.Equal((1.1, 1.1, 1.1), (growth.Ratio, growth.Low, growth.High), Near);
    }

    [Fact]
    public void Growth_OfFewPairs_SaysWhatTheyWere()
    {
        var growth = Growth.Of([(1, 2), (1, 0.5), (3, 3)]);

        Assert.Equal((1, 0.5, 2, 3), (growth.Ratio, growth.Low, growth.High, growth.Pairs));
        Assert.Equal("× 1.000 (between 0.500 and 2.000, 3 pairs)", growth.ToString());
    }

    [Fact]
    public void Growth_OfEqualPairs_IsCertain()
    {
        var growth = Growth.Of(Enumerable.Repeat((2.0, 2.2), 8));

        Assert.Equal((1.1, 1.1, 1.1), (growth.Ratio, growth.Low, growth.High), Near);
    }

    private static bool Near((double, double, double) one, (double, double, double) other) =>
        Math.Abs(one.Item1 - other.Item1) < 1e-4 && Math.Abs(one.Item2 - other.Item2) < 1e-4 && Math.Abs(one.Item3 - other.Item3) < 1e-4;
}
