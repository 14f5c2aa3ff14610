using System.Globalization;

namespace LongPoll.Server.Jobs;

/// <summary>
/// A cron expression of five fields (minute, hour, day of month, month, day of week) in UTC, as cron reads it: lists, ranges, steps,
/// names of months and days, Sunday as 0 and as 7. Where both days are restricted, either will do.
/// </summary>
internal sealed class CronSchedule
{
    // 29 February is eight years away at most.
    private const int DaysLookedAt = (8 * 366) + 1;

    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] DaysOfWeek = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    private static readonly Kind[] Kinds =
    [
        new("minute", 0, 59, []), new("hour", 0, 23, []), new("day of month", 1, 31, []), new("month", 1, 12, Months), new("day of week", 0, 7, DaysOfWeek),
    ];

    private readonly string _text;

    // One bit for each value of a field.
    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _daysOfMonth;
    private readonly ulong _months;
    private readonly ulong _daysOfWeek;
    private readonly bool _eitherDay;

    private CronSchedule(string text, IReadOnlyList<string> fields, IReadOnlyList<ulong> values)
    {
        _text = text;
        (_minutes, _hours, _daysOfMonth, _months, _daysOfWeek) = (values[0], values[1], values[2], values[3], values[4]);
        _daysOfWeek |= _daysOfWeek >> 7;
        _eitherDay = fields[2][0] != '*' && fields[4][0] != '*';
    }

    /// <summary>Reads an expression; else says what is wrong with it, as the end of a sentence.</summary>
    public static CronSchedule? Parse(string text, out string problem)
    {
        var fields = text.ToUpperInvariant().Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Kinds.Length)
        {
            problem = "is no cron expression of five fields, such as */5 * * * * (minute, hour, day of month, month, day of week; UTC)";
            return null;
        }

        var values = new ulong[Kinds.Length];
        for (var n = 0; n < Kinds.Length; n++)
        {
            foreach (var part in fields[n].Split(','))
            {
                if (Kinds[n].Read(part) is not { } bits)
                {
                    problem = string.Create(CultureInfo.InvariantCulture, $"has a {Kinds[n].Name} that cannot be: {part} (values are {Kinds[n].Least} to {Kinds[n].Most})");
                    return null;
                }

                values[n] |= bits;
            }
        }

        var schedule = new CronSchedule(string.Join(' ', fields), fields, values);
        problem = schedule.Find(DateTime.UnixEpoch) is null ? "never comes" : "";
        return problem.Length == 0 ? schedule : null;
    }

    /// <summary>The first tick after this instant.</summary>
    public DateTime Next(DateTime after) => Find(after) ?? throw new InvalidOperationException($"{_text} does not come again.");

    public override string ToString() => _text;

    private DateTime? Find(DateTime after)
    {
        var first = after.AddTicks(-(after.Ticks % TimeSpan.TicksPerMinute)).AddMinutes(1);
        for (var n = 0; n < DaysLookedAt; n++)
        {
            var day = first.Date.AddDays(n);
            if (IsOn(day) && TimeFrom(n == 0 ? first.TimeOfDay : TimeSpan.Zero) is { } time)
            {
                return day + time;
            }
        }

        return null;
    }

    private bool IsOn(DateTime day)
    {
        var (ofMonth, ofWeek) = (Has(_daysOfMonth, day.Day), Has(_daysOfWeek, (int)day.DayOfWeek));
        return Has(_months, day.Month) && (_eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek);
    }

    private TimeSpan? TimeFrom(TimeSpan least)
    {
        for (var hour = least.Hours; hour < 24; hour++)
        {
            for (var minute = hour == least.Hours ? least.Minutes : 0; Has(_hours, hour) && minute < 60; minute++)
            {
                if (Has(_minutes, minute))
                {
                    return new TimeSpan(hour, minute, 0);
                }
            }
        }

        return null;
    }

    private static bool Has(ulong bits, int value) => (bits >> value & 1) != 0;

    /// <summary>One of the five fields.</summary>
    private sealed record Kind(string Name, int Least, int Most, string[] Names)
    {
        /// <summary>The values of <c>*</c>, <c>a</c>, <c>a-b</c>, each with or without <c>/step</c>; null for anything else.</summary>
        public ulong? Read(string part)
        {
            var (range, step) = part.Split('/') switch
            {
                [var all] => (all, 1),
                [var stepped, var text] => (stepped, Number(text) ?? 0),
                _ => ("", 0),
            };
            var (from, to) = range.Split('-') switch
            {
                ["*"] => (Least, Most),
                [var one] when part.Contains('/', StringComparison.Ordinal) => (Value(one), Most),
                [var one] => (Value(one), Value(one)),
                [var first, var last] => (Value(first), Value(last)),
                _ => (null, null),
            };
            if (step < 1 || from is not { } least || to is not { } most || least > most)
            {
                return null;
            }

            var bits = 0UL;
            for (var value = least; value <= most; value += step)
            {
                bits |= 1UL << value;
            }

            return bits;
        }

        // Months are named from 1, days from 0.
        private int? Value(string text) =>
            Array.IndexOf(Names, text) is >= 0 and var index ? index + Least : Number(text) is { } number && number >= Least && number <= Most ? number : null;

        private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1000 ? number : null;
    }
}
