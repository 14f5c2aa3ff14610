using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>What one buyer was left with.</summary>
/// <param name="Order">The order.</param>
/// <param name="Deed">What the buyer did.</param>
/// <param name="Prompted">The prompt reached the phone. Where it did not, nobody could pay.</param>
/// <param name="Receipts">What the provider has receipts for.</param>
/// <param name="Seen">How the order stood at the end, at each page.</param>
internal sealed record Bill(Bought Order, Deed Deed, bool Prompted, IReadOnlyList<string> Receipts, IReadOnlyList<string> Seen)
{
    public bool Paid => Receipts.Count > 0;
}

/// <summary>Buyers who come, wait and pay at two nodes of which one may be gone at any time.</summary>
internal sealed class PayingStream(TwoProcesses nodes, Action<int> requestBegins)
{
    private readonly ConcurrentBag<HttpStatusCode> _refusals = [];
    private int _requests;
    private int _broken;

    /// <summary>How often a request of shop, till or page got no answer, because the node was gone.</summary>
    public int Broken => _broken;

    /// <summary>With what callbacks were refused, by nodes that answered.</summary>
    public IReadOnlyCollection<HttpStatusCode> Refusals => _refusals;

    public async Task<IReadOnlyList<Bill>> RunAsync(IReadOnlyList<BuyerPlan> plans) => await Task.WhenAll(plans.Select(BuyAsync));

    private async Task<Bill> BuyAsync(BuyerPlan plan)
    {
        await PauseAsync(plan.Comes);
        var order = await MakeAsync(plan);
        var pages = plan.Pages.Select(first => FollowAsync(order, nodes.ByTurns(first))).ToArray();
        string[] receipts = [];
        var push = nodes.Till.PushFor(order.Number);
        if (push is null)
        {
            await nodes.Books.AtTheHorizonAsync(order.OrderId);
        }
        else
        {
            await PauseAsync(plan.Thinks);
            receipts = await ActAsync(push, plan);
        }

        return new Bill(order, plan.Deed, push is not null, receipts, await Task.WhenAll(pages));
    }

    /// <summary>The shop asks until it has an answer, always with the same key.</summary>
    private async Task<Bought> MakeAsync(BuyerPlan plan)
    {
        var (key, phone, node) = (Guid.NewGuid().ToString(), Buyers.NewPhone(), nodes.ByTurns(plan.Shop));
        Begins();
        while (true)
        {
            if (await Buyers.OrderAsync(node().Client, key, phone) is { } order)
            {
                return order;
            }

            Interlocked.Increment(ref _broken);
            await PauseAsync(50);
        }
    }

    /// <summary>The receipts that the provider gave.</summary>
    private async Task<string[]> ActAsync(TakenPush push, BuyerPlan plan)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (paid, cancelled) = (PaymentOutcome.Success(now), PaymentOutcome.Cancelled(now));
        push.Outcome = plan.Paid ? paid : cancelled;
        switch (plan.Deed)
        {
            case Deed.PaysToldTwice:
                await Task.WhenAll(TellAsync(push, paid, plan.Callback), TellAsync(push, paid, plan.Callback + 1));
                break;

            case Deed.PaysToldAgainLate:
                await TellAsync(push, paid, plan.Callback);
                await PauseAsync(plan.Late);
                await TellAsync(push, paid, plan.Callback + 1);
                break;

            case Deed.PaysToldOutOfOrder:
                await TellAsync(push, paid, plan.Callback);
                await TellAsync(push, cancelled, plan.Callback + 1);
                break;

            case Deed.PaysAfterCancel:
                push.Outcome = cancelled;
                await TellAsync(push, cancelled, plan.Callback);
                await PauseAsync(plan.Late);
                push.Outcome = paid;
                await TellAsync(push, paid, plan.Callback + 1);
                break;

            case Deed.PaysTwice:
                await TellAsync(push, paid, plan.Callback);
                var second = PaymentOutcome.Success(now);
                await TellAsync(push, second, plan.Callback + 1);
                return [paid.Receipt!, second.Receipt!];

            default:
                await TellAsync(push, push.Outcome, plan.Callback);
                break;
        }

        return plan.Paid ? [paid.Receipt!] : [];
    }

    private async Task TellAsync(TakenPush push, PaymentOutcome told, int first)
    {
        var node = nodes.ByTurns(first);
        Begins();
        var taken = await Till.TellAsync(push, told, () => node().Address, refused: Refused);
        if (told.Paid)
        {
            // The first, the second and the money that nobody asked for: each is answered with the one booking.
            Assert.NotNull(taken.Body.GetProperty("bookingReference").GetString());
        }
    }

    private void Refused(Refusal refusal)
    {
        if (refusal.Status is { } status)
        {
            _refusals.Add(status);
        }
        else
        {
            Interlocked.Increment(ref _broken);
        }
    }

    /// <summary>A page that waits, and comes back when its wait breaks, until the order has ended. What it saw never goes back.</summary>
    private async Task<string> FollowAsync(Bought order, Func<ServerProcess> node)
    {
        var (version, began) = (0L, Stopwatch.GetTimestamp());
        while (true)
        {
            Assert.True(Stopwatch.GetElapsedTime(began).TotalSeconds < 60, $"the page of order {order.OrderId} is stuck at version {version}");
            try
            {
                var answer = await Buyers.WaitAsync(node().Client, order.OrderId, seconds: 30);
                Assert.True(answer.Version >= version, $"order {order.OrderId} went back from version {version} to {answer.Version}");
                version = answer.Version;
                if (answer.PaymentStatus is "completed" or "cancelled" or "failed" or "expired")
                {
                    return answer.PaymentStatus;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref _broken);
                await PauseAsync(50);
            }
        }
    }

    private void Begins() => requestBegins(Interlocked.Increment(ref _requests));

    private static Task PauseAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
}
