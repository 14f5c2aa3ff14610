using System.Globalization;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.Verdict;

/// <summary>One day: makes the orders, lets everything come to rest, looks at every order once more.</summary>
internal sealed class VerdictRun(
    VerdictOptions options, PromptStore prompts, CallbackSender callbacks, PayPageStore pages, PageSender news, TimeProvider clock, TextWriter say)
{
    public const string Visitor = "visitor at rest";

    private const string Wallet = "wallet at rest";
    private const int TicketSeconds = 20;
    private const int ReadersAtRest = 16;

    private readonly Dictionary<string, Shopper> _shoppers = new(StringComparer.Ordinal);

    public async Task<Day> PlayAsync(CancellationToken stop)
    {
        using Shop shop = new(options, clock);
        using CancellationTokenSource closing = new();
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        CallbackPace pace = new(clock);
        for (int i = 0; i < options.Orders; i++)
        {
            OrderLog log = NewLog(i);
            _shoppers.Add(log.Phone, new Shopper(shop, log, options, pace, clock));
        }

        callbacks.Leaving = prompt =>
        {
            _ = pace.FollowAsync(prompt);
            _shoppers.GetValueOrDefault(prompt.Msisdn)?.Race(over.Token);
        };
        news.Leaving = page => _shoppers.GetValueOrDefault(page.BuyerPhone)?.Race(over.Token);
        long began = clock.GetTimestamp();
        Task lives = Task.WhenAll(await OpenAsync(shop, began, closing.Token, over.Token));

        await SayUntilAsync(shop, began, clock.GetElapsedTime(began) + options.RetriesFor, untilAtRest: false, over.Token);
        await closing.CancelAsync();
        await SayUntilAsync(shop, began, clock.GetElapsedTime(began) + options.RestWithin, untilAtRest: true, over.Token);

        IReadOnlyList<OrderHistory> orders = await CloseAsync(shop, stop);
        IReadOnlyList<InboxEntry> inbox = await shop.InboxAsync(stop);
        await over.CancelAsync();
        await lives;
        return new Day(orders, inbox);
    }

    // Phones differ by seed, so that one database can take several runs: a phone gets five prompts in ten minutes.
    private OrderLog NewLog(int index)
    {
        long number = ((options.Seed * 10_007) + index) % 100_000_000;
        Dice dice = new(options.Seed, number, "basket");
        string provider = options.Providers[index % options.Providers.Count];

        // A pay page knows no phone: the amount, in cents, tells which order it is.
        decimal amount = provider == "payhero" ? 100 + dice.Below(5000) : (SeededPages.FirstAmount + index) / 100m;
        return new OrderLog(number, string.Create(CultureInfo.InvariantCulture, $"2547{number:D8}"), amount, provider);
    }

    private async Task<List<Task>> OpenAsync(Shop shop, long began, CancellationToken closing, CancellationToken over)
    {
        List<Task> lives = [];
        foreach (Shopper shopper in _shoppers.Values)
        {
            TimeSpan pause = TimeSpan.FromSeconds(lives.Count / options.OrdersPerSecond) - clock.GetElapsedTime(began);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, clock, over);
            lives.Add(BuyAsync(shopper));
            if (lives.Count % 100 == 0)
                Say(began, $"{lives.Count} of {options.Orders} orders");
        }

        return lives;

        async Task BuyAsync(Shopper shopper)
        {
            await shop.CreateAsync(shopper.Log, over);
            if (shopper.Log.OrderId is not null)
                await shopper.LiveAsync(closing, over);
        }
    }

    private async Task SayUntilAsync(Shop shop, long began, TimeSpan until, bool untilAtRest, CancellationToken over)
    {
        for (int second = 1; clock.GetElapsedTime(began) < until; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), clock, over);
            if (second % 5 != 0)
                continue;
            (int receipts, int open) = await OpenMoneyAsync(shop, over);
            int running = prompts.Newest(int.MaxValue, IsRunning).Count + pages.All().Count(IsRunning);
            int pending = callbacks.Pending + news.Pending;
            Say(began, $"{receipts} receipts, {open} not in the books yet; {running} prompts and pages still running, {pending} callbacks on their way");
            if (untilAtRest && open == 0 && running == 0 && pending == 0)
                return;
        }
    }

    // What a buyer, or the provider, is still going to do about a prompt.
    private static bool IsRunning(Prompt prompt) =>
        prompt.Outcome is null || (prompt.Outcome is { Paid: false } && prompt.Answer is { Faults.LateSuccess: not null });

    private static bool IsRunning(PayPage page) =>
        page.State is PageState.Open or PageState.Delayed || (page.State != PageState.Paid && page.Script.Answer is { Faults.LateSuccess: not null });

    /// <summary>Receipts, and those that neither settle an order nor stand in the money inbox.</summary>
    private async Task<(int Receipts, int Open)> OpenMoneyAsync(Shop shop, CancellationToken over)
    {
        HashSet<string> inbox = [.. (await shop.InboxAsync(over)).Select(e => e.TransactionId)];
        int receipts = 0, open = 0;
        foreach (LedgerLine line in Truth().Where(l => l.Receipt is not null))
        {
            receipts++;
            if (inbox.Contains(line.Receipt!) || _shoppers.GetValueOrDefault(line.Phone)?.Log is not { } log || log.Newest?.Receipt == line.Receipt)
                continue;

            // No page may be looking any more.
            SeenOrder? now = log.OrderId is null ? null : await shop.ViewAsync(log, HttpMethod.Get, "reader", "", null, over);
            if (now?.Receipt != line.Receipt)
                open++;
        }

        return (receipts, open);
    }

    private async Task<IReadOnlyList<OrderHistory>> CloseAsync(Shop shop, CancellationToken stop)
    {
        OrderHistory[] orders = new OrderHistory[_shoppers.Count];
        Shopper[] shoppers = [.. _shoppers.Values];
        ParallelOptions readers = new() { MaxDegreeOfParallelism = ReadersAtRest, CancellationToken = stop };
        await Parallel.ForAsync(0, shoppers.Length, readers, async (i, cancel) =>
        {
            OrderLog log = shoppers[i].Log;
            List<SeenOrder> rest = [];
            if (log.OrderId is not null)
            {
                if (await shop.WaitAsync(log, Visitor, null, "settled", 1, cancel) is { Completed: true, Fulfilment: "pending" })
                    await shop.WaitAsync(log, Wallet, null, "fulfilled", TicketSeconds, cancel);
                foreach (Uri node in options.Targets)
                {
                    if (await shop.ViewAsync(log, HttpMethod.Get, "reader at rest", "", node, cancel) is { } seen)
                        rest.Add(seen);
                }
            }

            orders[i] = log.ToHistory() with { AtRest = rest };
        });

        // The truth is read last: what the provider says while pages are being read must not be missing from it.
        ILookup<string, LedgerLine> ledger = Truth().OrderBy(l => l.PushedAt).ToLookup(l => l.Phone, StringComparer.Ordinal);
        return [.. orders.Select(o => o with { Ledger = [.. ledger[o.Phone]] })];
    }

    private IEnumerable<LedgerLine> Truth() => [.. prompts.Newest(int.MaxValue).Select(prompt => LedgerLine.Of(prompt)), .. pages.All().Select(page => LedgerLine.Of(page))];

    private void Say(long began, string what) =>
        say.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.GetElapsedTime(began).TotalSeconds,6:0} s  {what}"));
}
