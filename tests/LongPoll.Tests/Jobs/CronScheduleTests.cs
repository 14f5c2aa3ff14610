using System.Globalization;
using LongPoll.Server.Jobs;
using Xunit;

namespace LongPoll.Tests.Jobs;

/// <summary>Cron expressions as cron understands them.</summary>
public sealed class CronScheduleTests
{
    // A Friday.
    private static readonly DateTime Now = new(2026, 11, 20, 12, 0, 30, DateTimeKind.Utc);

    [Theory]
    [Trait("Acceptance", "97")]
    [Trait("Acceptance", "98")]
    [Trait("Acceptance", "103")]
    [InlineData("*/5 * * * *", "2026-11-20 12:05", "2026-11-20 12:10")]
    [InlineData("*/15 * * * *", "2026-11-20 12:15", "2026-11-20 12:30")]
    [InlineData("* * * * *", "2026-11-20 12:01", "2026-11-20 12:02")]
    [InlineData("0 3 * * *", "2026-11-21 03:00", "2026-11-22 03:00")]
    [InlineData("30 8-10 * * *", "2026-11-21 08:30", "2026-11-21 09:30")]
    [InlineData("5,35 */6 * * *", "2026-11-20 12:05", "2026-11-20 12:35")]
    [InlineData("0 0 1 * *", "2026-12-01 00:00", "2027-01-01 00:00")]
    [InlineData("0 0 29 2 *", "2028-02-29 00:00", "2032-02-29 00:00")]
    [InlineData("0 0 1 jan,JUL *", "2027-01-01 00:00", "2027-07-01 00:00")]
    [InlineData("  0\t0  * * 1 ", "2026-11-23 00:00", "2026-11-30 00:00")]
    [InlineData("50/5 12 * * *", "2026-11-20 12:50", "2026-11-20 12:55")]
    [InlineData("0 0 13 * 5", "2026-11-27 00:00", "2026-12-04 00:00")]
    [InlineData("0 0 24 * 5", "2026-11-24 00:00", "2026-11-27 00:00")]
    [InlineData("0 0 */2 * 1", "2026-11-23 00:00", "2026-12-07 00:00")]
    [InlineData("59 23 31 12 *", "2026-12-31 23:59", "2027-12-31 23:59")]
    public void Next_IsTheTickAfter(string expression, string first, string second)
    {
        var schedule = CronSchedule.Parse(expression, out _)!;

        var next = schedule.Next(Now);

        Assert.Equal((first, DateTimeKind.Utc), (Text(next), next.Kind));
        Assert.Equal(second, Text(schedule.Next(next)));
    }

    [Theory]
    [InlineData("0", "Sun")]
    [InlineData("7", "Sun")]
    [InlineData("1", "Mon")]
    [InlineData("6", "Sat")]
    [InlineData("1-5", "Mon Tue Wed Thu Fri")]
    [InlineData("MON-FRI", "Mon Tue Wed Thu Fri")]
    [InlineData("5-7", "Sun Fri Sat")]
    [InlineData("0-7", "Sun Mon Tue Wed Thu Fri Sat")]
    [InlineData("0-6", "Sun Mon Tue Wed Thu Fri Sat")]
    [InlineData("*/2", "Sun Tue Thu Sat")]
    [InlineData("1-5/2", "Mon Wed Fri")]
    [InlineData("0,3", "Sun Wed")]
    [InlineData("sun,3", "Sun Wed")]
    public void DayOfWeek_IsCountedAsCronDoes(string field, string days)
    {
        var schedule = CronSchedule.Parse($"0 12 * * {field}", out _)!;

        var week = new SortedSet<DayOfWeek>();
        var at = Now;
        for (var end = Now.AddDays(7); (at = schedule.Next(at)) <= end;)
        {
            week.Add(at.DayOfWeek);
        }

        Assert.Equal(days, string.Join(' ', week.Select(day => day.ToString()[..3])));
    }

    // Expressions at random, against going through the minutes one by one.
    [Fact]
    public void Next_OfRandomExpressions_IsWhatGoingThroughTheMinutesFinds()
    {
        var random = new Random(5);
        for (var n = 0; n < 300; n++)
        {
            var (minute, hour, day) = (Field(random, 0, 59), Field(random, 0, 23), random.Next(3));
            var (ofMonth, month, ofWeek) = (day == 1 ? Field(random, 1, 28) : Any, random.Next(4) == 0 ? Field(random, 1, 12) : Any, day == 2 ? Field(random, 0, 6) : Any);
            var text = $"{minute.Text} {hour.Text} {ofMonth.Text} {month.Text} {ofWeek.Text}";
            var from = Now.AddMinutes(random.Next(600_000));
            var expected = new DateTime(from.Year, from.Month, from.Day, from.Hour, from.Minute, 0, DateTimeKind.Utc);
            do
            {
                expected = expected.AddMinutes(1);
            }
            while (!(minute.Has(expected.Minute) && hour.Has(expected.Hour) && ofMonth.Has(expected.Day) && month.Has(expected.Month) && ofWeek.Has((int)expected.DayOfWeek)));

            Assert.Equal((text, expected), (text, CronSchedule.Parse(text, out _)!.Next(from)));
        }
    }

    [Theory]
    [InlineData("", "five fields")]
    [InlineData("* * * *", "five fields")]
    [InlineData("0 */5 * * * *", "five fields")]
    [InlineData("@hourly", "five fields")]
    [InlineData("every five minutes or so", "minute")]
    [InlineData("*/0 * * * *", "minute")]
    [InlineData("*/x * * * *", "minute")]
    [InlineData("1-2-3 * * * *", "minute")]
    [InlineData("5-1 * * * *", "minute")]
    [InlineData("1, * * * *", "minute")]
    [InlineData("-1 * * * *", "minute")]
    [InlineData("60 * * * *", "minute that cannot be: 60 (values are 0 to 59)")]
    [InlineData("* 24 * * *", "hour")]
    [InlineData("0 0 32 * *", "day of month")]
    [InlineData("0 0 0 * *", "day of month")]
    [InlineData("0 0 L * *", "day of month")]
    [InlineData("0 0 ? * 1", "day of month")]
    [InlineData("0 0 * 13 *", "month")]
    [InlineData("0 0 * FEV *", "month")]
    [InlineData("0 0 * * 8", "day of week")]
    [InlineData("0 0 * * 6#3", "day of week")]
    [InlineData("0 0 30 2 *", "never comes")]
    public void Parse_WhatCronDoesNotKnow_IsRefused(string expression, string why)
    {
        Assert.Null(CronSchedule.Parse(expression, out var problem));
        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem);
    }

    private static (string Text, Func<int, bool> Has) Any => ("*", static _ => true);

    private static (string Text, Func<int, bool> Has) Field(Random random, int least, int most)
    {
        var from = random.Next(least, most + 1);
        var to = random.Next(from, most + 1);
        var step = random.Next(1, (most - least) / 2);
        return random.Next(5) switch
        {
            0 => Any,
            1 => (FormattableString.Invariant($"{from}"), value => value == from),
            2 => (FormattableString.Invariant($"{from}-{to}"), value => value >= from && value <= to),
            3 => (FormattableString.Invariant($"*/{step}"), value => (value - least) % step == 0),
            _ => (FormattableString.Invariant($"{from},{to}"), value => value == from || value == to),
        };
    }

    private static string Text(DateTime instant) => instant.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
