using System.Globalization;
using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>
/// Whatever providers say, in whatever order and however often: a few thousand random histories, each with try-agains
/// where the order allows them. A failure names its seed.
/// </summary>
public sealed class SettlementPropertyTests
{
    private const int Histories = 3000;
    private const int Steps = 25;

    [Fact]
    public void AnyHistory_KeepsTheBooks()
    {
        for (var seed = 0; seed < Histories; seed++)
        {
            var history = new History(seed);
            for (var step = 0; step < Steps; step++)
            {
                history.Step();
            }
        }
    }

    /// <summary>One order, what providers said about it, and a store that holds what was committed.</summary>
    private sealed class History(int seed)
    {
        // What providers say; that a review is over is said by a person alone.
        private static readonly ReportedOutcome[] Outcomes = [.. Enum.GetValues<ReportedOutcome>().Where(o => o != ReportedOutcome.ReviewOver)];
        private static readonly string?[] Reasonable = [Reasons.CancelledByBuyer, Reasons.WrongPin, Reasons.ProviderDown, null];

        // Seeded so that a red run can be repeated.
        private readonly Random _random = new(seed);
        private readonly List<string> _told = [];
        private readonly List<Attempt> _attempts = [];
        private readonly Dictionary<string, TakenTransaction> _money = new(StringComparer.Ordinal);
        private Order _order = Given.Order(PaymentStatus.Pending, version: 1);
        private int _payments;

        public void Step()
        {
            if (_attempts.Count == 0)
            {
                _attempts.Add(Given.AttemptOf(_order, AttemptState.Created));
            }

            if (_order.SafeToRetry && _random.Next(3) == 0)
            {
                TryAgain();
                return;
            }

            var attempt = _attempts[_random.Next(_attempts.Count)];
            var report = Draw(attempt);
            _told.Add(string.Create(CultureInfo.InvariantCulture, $"#{attempt.Number} {report.Outcome} {report.TransactionId} {report.Amount} by {report.Source}"));
            var taken = report.TransactionId is { } id ? _money.GetValueOrDefault(id) : null;
            var before = _order;
            var settlement = Settlement.Decide(
                report, new SettlementFacts(_order, attempt, CluesDisagree: _random.Next(20) == 0, _attempts, taken), Given.Noon.AddSeconds(_told.Count));
            Commit(settlement, attempt);
            Check(settlement, before);
        }

        private void TryAgain()
        {
            var next = Given.AttemptOf(_order, AttemptState.Created, _attempts.Count + 1, current: false);
            _attempts.Add(next);
            _order = _order with
            {
                PaymentStatus = PaymentStatus.Processing,
                Reason = null,
                SafeToRetry = false,
                CurrentAttemptId = next.AttemptId,
                Version = _order.Version + 1,
            };
            _told.Add("try again");
        }

        private PaymentReport Draw(Attempt attempt)
        {
            var source = _random.Next(3) switch { 0 => ReportSource.Query, 1 => ReportSource.Push, _ => ReportSource.Callback };
            var outcome = Outcomes[_random.Next(Outcomes.Length)];
            var report = Given.Report(outcome, source) with { Reason = Reasonable[_random.Next(Reasonable.Length)], Doubtful = _random.Next(10) == 0 };
            return outcome != ReportedOutcome.Paid ? report : report with
            {
                TransactionId = _random.Next(8) == 0 ? null : $"T{_random.Next(6)}",
                Amount = _random.Next(6) switch { 0 => null, 1 => 299, _ => attempt.Amount.Major },
            };
        }

        private void Commit(Settlement settlement, Attempt attempt)
        {
            _order = settlement.After ?? _order;
            if (settlement.Attempt is { } changed)
            {
                _attempts[_attempts.IndexOf(attempt)] = changed;
            }

            if (settlement.Payment is { } payment)
            {
                _payments++;
                Hold(_money.TryAdd(payment.TransactionId, new TakenTransaction(_order.OrderId, InMoneyInbox: false)), "a transaction is written once");
            }

            if (settlement.MoneyInboxEntry is { } entry)
            {
                Hold(_money.TryAdd(entry.TransactionId, new TakenTransaction(_order.OrderId, InMoneyInbox: true)), "a transaction is written once");
            }
        }

        private void Check(Settlement settlement, Order before)
        {
            Hold(_payments == (_order.PaymentStatus == PaymentStatus.Completed ? 1 : 0), "one payment, exactly when completed");
            Hold(before.PaymentStatus != PaymentStatus.Completed || _order with { Version = 0, UpdatedAt = default } == before with { Version = 0, UpdatedAt = default }, "completed stays as it is");
            Hold((_order.BookingReference is null) == (_order.PaymentStatus != PaymentStatus.Completed), "booked exactly when completed");
            Hold(!_order.SafeToRetry || (_order.Settled && _order.PaymentStatus != PaymentStatus.Completed), "safe to retry only when ended unpaid");
            Hold(!_order.SafeToRetry || !_attempts.Any(a => a.CanStillSucceed), "safe to retry never while an attempt can still succeed");
            Hold(!_order.SafeToRetry || _order.Reason != Reasons.UnderReview, "safe to retry never while a person looks at the money");
            Hold(
                before.Reason != Reasons.UnderReview || _order.Reason == Reasons.UnderReview || _order.PaymentStatus == PaymentStatus.Completed,
                "an order stays under review until it is paid");
            Hold(settlement.After is null ? settlement is { Attempt: null, Event: null } : settlement.After.Version == before.Version + 1, "one version, one event");
            Hold((settlement.After is null) == (settlement.Event is null), "no change without audit");
            Hold(_order.UpdatedAt >= before.UpdatedAt, "time goes forward");
            Hold(settlement.Report.Outcome != ReportedOutcome.Paid || settlement.Result != SettlementResult.Ignored, "no claim of money is ignored");
            Hold(_attempts.All(a => a.EndedAt is null == (a.State is AttemptState.Created or AttemptState.Prompted)), "an attempt that ended says when");
        }

        private void Hold(bool holds, string what) =>
            Assert.True(holds, string.Create(CultureInfo.InvariantCulture, $"{what}: seed {seed}, {string.Join("; ", _told)}"));
    }
}
