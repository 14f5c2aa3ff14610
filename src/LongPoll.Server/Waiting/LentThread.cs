namespace LongPoll.Server.Waiting;

/// <summary>
/// The thread that settles a payment, lent to the page that waited for it. It is lent for that one answer: what the page's connection
/// sends next is taken up elsewhere, or whoever sends requests without end would keep payments from being settled.
/// </summary>
internal static class LentThread
{
    [ThreadStatic]
    private static bool s_lent;

    /// <summary>Answers a page here and now.</summary>
    public static void Tell(Waiter waiter)
    {
        s_lent = true;
        try
        {
            waiter.Tell();
        }
        finally
        {
            s_lent = false;
        }
    }

    /// <summary>Stands before all others: no request begins on a thread that is lent.</summary>
    public static void UseThreadsOfItsOwn(this IApplicationBuilder app) =>
        app.Use(static next => http => s_lent ? ElsewhereAsync(next, http) : next(http));

    private static async Task ElsewhereAsync(RequestDelegate next, HttpContext http)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await next(http);
    }
}
