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
    public void Growth_IsTheGeometricMeanOfItsPairs_WithAnIntervalAroundIt()
    {
        var growth = Growth.Of([(1, 2), (1, 0.5), (3, 3)]);

        Assert.Equal(1, growth.Ratio, 4);
        // Standard deviation of ln 2, -ln 2, 0 is ln 2; t for two degrees of freedom is 4.303.
        Assert.Equal(Math.Exp(4.303 * Math.Log(2) / Math.Sqrt(3)), growth.High, 3);
        Assert.Equal(1 / growth.High, growth.Low, 3);
    }

    [Fact]
    public void Growth_OfEqualPairs_IsCertain()
    {
        var growth = Growth.Of(Enumerable.Repeat((2.0, 2.2), 8));

        Assert.Equal((1.1, 1.1, 1.1), (growth.Ratio, growth.Low, growth.High));
    }
}
