using System.Globalization;

namespace LongPoll.LoadTests.Report.Plots;

/// <summary>Maps values to pixels, and chooses the values that are written beside it.</summary>
internal sealed class Axis
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _from;
    private readonly double _to;
    private readonly bool _isLogarithmic;

    /// <param name="low">The smallest value; above 0 for logarithmic axes.</param>
    /// <param name="high">The largest.</param>
    /// <param name="from">Pixel of the smallest.</param>
    /// <param name="to">Pixel of the largest.</param>
    /// <param name="isLogarithmic">Equal distances are equal factors.</param>
    public Axis(double low, double high, double from, double to, bool isLogarithmic)
    {
        _low = isLogarithmic ? Math.Pow(10, Math.Floor(Math.Log10(low))) : low;
        _high = high > _low ? high : _low + 1;
        _from = from;
        _to = to;
        _isLogarithmic = isLogarithmic;
    }

    public double At(double value)
    {
        double share = _isLogarithmic ? Math.Log(Math.Max(value, _low) / _low) / Math.Log(_high / _low) : (value - _low) / (_high - _low);
        return _from + (share * (_to - _from));
    }

    public IEnumerable<(double Value, string Label)> Ticks() => (_isLogarithmic ? Decades() : Steps())
        .Select(value => (value, value.ToString(value >= 1000 ? "N0" : "G4", CultureInfo.InvariantCulture)));

    private IEnumerable<double> Decades()
    {
        for (double decade = _low; decade <= _high; decade *= 10)
        {
            foreach (int digit in (int[])[1, 2, 5])
            {
                if (decade * digit <= _high)
                    yield return decade * digit;
            }
        }
    }

    private IEnumerable<double> Steps()
    {
        double raw = (_high - _low) / 6;
        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = magnitude * (raw / magnitude) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        for (double value = Math.Ceiling(_low / step) * step; value <= _high + (step / 1000); value += step)
            yield return Math.Round(value, 10);
    }
}
