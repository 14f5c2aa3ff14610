using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LongPoll.LoadTests.Measure;

/// <summary>What the stages of a hold run took.</summary>
/// <param name="Parking">Opening the connections and writing the requests.</param>
/// <param name="Releasing">From the first callback to the last answer.</param>
/// <param name="RunnerPaused">How long the runner itself stood still for its own garbage while releasing.</param>
/// <param name="Cpu">Processor time of the server while releasing.</param>
/// <param name="Memory">First with nobody parked; empty when the server's process is not known.</param>
internal sealed record HoldCourse(
    TimeSpan Parking, TimeSpan Releasing, TimeSpan RunnerPaused, TimeSpan Cpu, IReadOnlyList<MemorySample> Memory);

/// <summary>Everything that a hold run found out.</summary>
internal sealed record HoldReport
{
    public required bool Passed { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public string? Commit { get; init; }

    public MachineFacts? Machine { get; init; }

    public HoldSettings? Settings { get; init; }

    public double OrdersPerSecond { get; init; }

    public required double ParkingSeconds { get; init; }

    public required double ReleaseSeconds { get; init; }

    /// <summary>From just before the callback's first byte is written to the last byte of the waiter's answer.</summary>
    public required Spread CallbackWrittenToWaiterAnswered { get; init; }

    /// <summary>The same from the instant at which the schedule wanted the callback to leave.</summary>
    public required Spread CallbackDueToWaiterAnswered { get; init; }

    /// <summary>How far the runner was behind its schedule; when this is large, the runner is the bottleneck.</summary>
    public required Spread CallbackDueToWritten { get; init; }

    /// <summary>How long the runner stood still for its own garbage while releasing; part of every figure here.</summary>
    public required double RunnerPausedMs { get; init; }

    /// <summary>Until the server acknowledged the callback.</summary>
    public required Spread CallbackWrittenToAcknowledged { get; init; }

    public required int Payments { get; init; }

    public required int AnsweredAsPromised { get; init; }

    /// <summary>LongPoll-Ending of the last answer, and how many had it.</summary>
    public required IReadOnlyDictionary<string, int> Endings { get; init; }

    /// <summary>paymentStatus of the last answer, and how many had it.</summary>
    public required IReadOnlyDictionary<string, int> PaymentStatuses { get; init; }

    /// <summary>What went wrong, and how often.</summary>
    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    /// <summary>Waits that the server ended because time was up.</summary>
    public required int TimeOuts { get; init; }

    public required double CallsPerPayment { get; init; }

    /// <summary>Null unless the server's process is known.</summary>
    public required ServerFigures? Server { get; init; }

    public static HoldReport Of(IReadOnlyList<Payment> payments, HoldCourse course, TimeProvider clock)
    {
        Payment[] answered = [.. payments.Where(payment => payment.SentAt != 0 && payment.AnsweredAt >= payment.SentAt)];
        Payment[] sent = [.. payments.Where(payment => payment.SentAt != 0)];
        int promised = payments.Count(payment => payment.AnsweredAsPromised);
        return new HoldReport
        {
            Passed = promised == payments.Count,
            ParkingSeconds = Math.Round(course.Parking.TotalSeconds, 3),
            ReleaseSeconds = Math.Round(course.Releasing.TotalSeconds, 3),
            RunnerPausedMs = Math.Round(course.RunnerPaused.TotalMilliseconds, 2),
            CallbackWrittenToWaiterAnswered = Spread.Of(answered.Select(payment => clock.GetElapsedTime(payment.SentAt, payment.AnsweredAt))),
            CallbackDueToWaiterAnswered = Spread.Of(answered.Select(payment => clock.GetElapsedTime(payment.DueAt, payment.AnsweredAt))),
            CallbackDueToWritten = Spread.Of(sent.Select(payment => clock.GetElapsedTime(payment.DueAt, payment.SentAt))),
            CallbackWrittenToAcknowledged = Spread.Of(sent
                .Where(payment => payment.CallbackAnsweredAt != 0)
                .Select(payment => clock.GetElapsedTime(payment.SentAt, payment.CallbackAnsweredAt))),
            Payments = payments.Count,
            AnsweredAsPromised = promised,
            Endings = Count(payments.Select(payment => payment.Ending)),
            PaymentStatuses = Count(payments.Select(payment => payment.PaymentStatus)),
            Faults = Count(payments.Where(payment => !payment.AnsweredAsPromised).Select(FaultOf)),
            TimeOuts = payments.Sum(payment => payment.TimeOuts),
            CallsPerPayment = Math.Round(payments.Average(payment => payment.Calls), 4),
            Server = course.Memory.Count == 0 ? null : ServerFigures.Of(course.Cpu, payments.Count, course.Memory),
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.HoldReport);

    public string ToText()
    {
        StringBuilder text = new();
        Line($"{AnsweredAsPromised:N0} of {Payments:N0} waiters answered as promised, {CallsPerPayment} calls per payment, {TimeOuts} time-outs");
        Line($"  callback written to waiter answered   {CallbackWrittenToWaiterAnswered}");
        Line($"  callback due to waiter answered       {CallbackDueToWaiterAnswered}");
        Line($"  callback written to acknowledged      {CallbackWrittenToAcknowledged}");
        Line($"  runner behind its schedule            {CallbackDueToWritten}, paused {RunnerPausedMs} ms in all");
        if (Machine is { LoadAverage: > 1 })
            Line($"  the machine was busy before the run began, load average {Machine.LoadAverage:N1}: do not compare these times");
        Line($"  orders a second {OrdersPerSecond:N0}; parked in {ParkingSeconds:N2} s; released in {ReleaseSeconds:N2} s");
        Line($"  endings  {Join(Endings)}");
        Line($"  statuses {Join(PaymentStatuses)}");
        if (Faults.Count > 0)
            Line($"  faults   {Join(Faults)}");
        if (Server is not null)
            text.Append(Server.ToText());
        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static string FaultOf(Payment payment) => payment switch
    {
        { Fault: { } fault } => fault,
        { TimeOuts: > 0 } => "ended by time-out",
        _ when payment.SentAt == 0 || payment.AnsweredAt < payment.SentAt => "answered before its callback",
        _ => $"answered {payment.PaymentStatus}",
    };

    private static SortedDictionary<string, int> Count(IEnumerable<string?> values) =>
        new(values.CountBy(value => value ?? "none").ToDictionary(), StringComparer.Ordinal);

    private static string Join(IReadOnlyDictionary<string, int> counts) =>
        string.Join("  ", counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key} {count.Value:N0}")));
}

/// <summary>How the run was set up.</summary>
internal sealed record HoldSettings(int Waiters, bool Slope, double RatePerSecond, int WarmUp, double SettleSeconds, Uri Target);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(HoldReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
