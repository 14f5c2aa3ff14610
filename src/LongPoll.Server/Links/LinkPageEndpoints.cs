using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Links;

/// <summary>The pages of payment links, by their short codes. Each page shows one state and sends on to the page of the state that is.</summary>
internal static class LinkPageEndpoints
{
    private const string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{0}'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly CompositeFormat PolicyFormat = CompositeFormat.Parse(Policy);
    private static readonly Dictionary<string, string[]> NoErrors = new(StringComparer.Ordinal);

    public static void MapLinkPages(this WebApplication routes)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription();
        pages.MapGet("/pay/{shortCode}", ShowAsync).Limit(RateLimits.Public);
        pages.MapPost("/pay/{shortCode}", SubmitAsync).Limit(RateLimits.Api);

        // Read again and again by one buyer, of whom many may share an address.
        pages.MapGet("/pay/{shortCode}/payment/{id}", PaymentAsync).Limit(RateLimits.Polling);
        foreach (var end in (string[])["success", "expired", "canceled"])
        {
            pages.MapGet($"/pay/{{shortCode}}/{end}", (string shortCode, HttpContext http, ILinkStore store, TimeProvider clock) => EndAsync(end, shortCode, http, store, clock))
                .Limit(RateLimits.Public);
        }

        // Providers with a page of their own send the buyer back to /payment/{orderId}, which is the shop's; the demo shop has it in Development.
        if (!routes.Environment.IsDevelopment())
        {
            pages.MapGet("/payment/{id}", ReturnAsync).Limit(RateLimits.Public);
        }
    }

    private static async Task<IResult> ShowAsync(string shortCode, HttpContext http, ILinkStore store, TimeProvider clock)
    {
        if (await FindAsync(shortCode, http, store) is not { } link)
        {
            return Page(http, LinkPages.Unknown(), StatusCodes.Status404NotFound);
        }

        return link.Current == LinkState.Draft
            ? Page(http, LinkPages.NotOpen(), StatusCodes.Status404NotFound)
            : EndOf(link, clock) is { } end ? SendTo(http, $"/pay/{link.ShortCode}/{end}")
            : link.NewestOrder is null or { SafeToRetry: true } ? Page(http, LinkPages.Form(link, LinkForm.Empty, NoErrors, Codes.Random(20)))
            : Page(http, LinkPages.UnderWay(link));
    }

    private static async Task<IResult> EndAsync(string shown, string shortCode, HttpContext http, ILinkStore store, TimeProvider clock)
    {
        if (await FindAsync(shortCode, http, store) is not { } link)
        {
            return Page(http, LinkPages.Unknown(), StatusCodes.Status404NotFound);
        }

        return EndOf(link, clock) != shown ? SendTo(http, $"/pay/{link.ShortCode}") : shown switch
        {
            "success" => Page(http, LinkPages.Success(link)),
            "expired" => Page(http, LinkPages.Expired(link)),
            _ => Page(http, LinkPages.Canceled(link)),
        };
    }

    private static async Task<IResult> SubmitAsync(
        string shortCode, HttpContext http, ILinkStore store, PayLink pay, AccessTokens tokens, TimeProvider clock)
    {
        if (!http.Request.HasFormContentType)
        {
            return TypedResults.Problem("The body must be a form.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        if (await ReadFormAsync(http) is not { } form)
        {
            return TypedResults.Problem("The form cannot be read.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (await FindAsync(shortCode, http, store) is not { } link)
        {
            return Page(http, LinkPages.Unknown(), StatusCodes.Status404NotFound);
        }

        var typed = new LinkForm(form["phone"].ToString(), form["email"].ToString(), form["firstName"].ToString());
        var (draft, errors) = pay.Check(link, new PayLinkRequest(typed.Phone, typed.Email, typed.FirstName));
        if (draft is null)
        {
            return EndOf(link, clock) is null && link.State == LinkState.Open
                ? Page(http, LinkPages.Form(link, typed, errors, Codes.Random(20)), StatusCodes.Status400BadRequest)
                : SendTo(http, $"/pay/{link.ShortCode}", StatusCodes.Status303SeeOther);
        }

        var (outcome, order) = await pay.HandleAsync(link, draft, KeyOf(form["submission"].ToString(), typed), http.RequestAborted);
        return outcome switch
        {
            OpenOutcome.Opened or OpenOutcome.Replayed => SendTo(
                http, $"/pay/{link.ShortCode}/payment/{order!.OrderId:D}?access_token={tokens.For(order.OrderId)}", StatusCodes.Status303SeeOther),
            OpenOutcome.TooManyPrompts => Page(http, LinkPages.TooMany(link), StatusCodes.Status429TooManyRequests),

            // Taken, or sent before with something else typed: the page of the link says how it stands.
            _ => SendTo(http, $"/pay/{link.ShortCode}", StatusCodes.Status303SeeOther),
        };
    }

    private static async Task<IResult> PaymentAsync(
        string shortCode, OrderId id, HttpContext http, ILinkStore store, IOrderStore orders, AccessTokens tokens, TimeProvider clock)
    {
        // Whoever did not start this payment sees no more of it than any visitor of the link, whose page is counted otherwise.
        if (!tokens.Opens(http.Request, id.Value))
        {
            return SendTo(http, $"/pay/{Uri.EscapeDataString(shortCode)}");
        }

        if (await FindAsync(shortCode, http, store) is not { } link)
        {
            return Page(http, LinkPages.Unknown(), StatusCodes.Status404NotFound);
        }

        if (await orders.FindOrderAsync(id.Value, http.RequestAborted) is not { } order || order.LinkId != link.LinkId)
        {
            return SendTo(http, $"/pay/{link.ShortCode}");
        }

        // A prompt can be paid when the link's time is over: as long as that may be, its page waits.
        var over = order.Settled && EndOf(link, clock) is not null;
        if (order.PaymentStatus == PaymentStatus.Completed || link.Current == LinkState.Paid || over)
        {
            return SendTo(http, $"/pay/{link.ShortCode}/{EndOf(link, clock) ?? "success"}");
        }

        if (order.Settled && link.NewestOrder?.OrderId != order.OrderId)
        {
            // Somebody else has had a turn since: how the link stands is told by its own page.
            return SendTo(http, $"/pay/{link.ShortCode}");
        }

        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        return Page(http, LinkPages.Payment(link, OrderView.Of(order), http.Request.PathBase, nonce), nonce: nonce);
    }

    private static async Task<IResult> ReturnAsync(OrderId id, HttpContext http, IOrderStore orders, ILinkStore store) =>
        await orders.FindOrderAsync(id.Value, http.RequestAborted) is { LinkId: { } linkId } && await store.FindLinkAsync(linkId, http.RequestAborted) is { } link
            ? SendTo(http, $"/pay/{link.ShortCode}")
            : TypedResults.NotFound();

    /// <summary>The page of the state in which a link is over; null while it can be paid.</summary>
    private static string? EndOf(PaymentLink link, TimeProvider clock) => link.Current switch
    {
        LinkState.Paid => "success",
        LinkState.Canceled => "canceled",
        LinkState.Expired => "expired",
        LinkState.Draft => null,
        _ => link.IsExpired(clock.GetUtcTimestamp()) ? "expired" : null,
    };

    // As people type it who read it from paper: in small letters, and with the letters that no code has.
    private static Task<PaymentLink?> FindAsync(string shortCode, HttpContext http, ILinkStore store) => shortCode.Length > 32 || shortCode.Any(char.IsControl)
        ? Task.FromResult<PaymentLink?>(null)
        : store.FindLinkByCodeAsync(shortCode.ToUpperInvariant().Replace('O', '0').Replace('I', '1').Replace('L', '1'), http.RequestAborted);

    private static async Task<IFormCollection?> ReadFormAsync(HttpContext http)
    {
        try
        {
            return await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static IdempotencyKey? KeyOf(string submission, LinkForm typed) => submission.Length is 0 or > 100 ? null : new IdempotencyKey(
        "form:" + submission,
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{typed.Phone}\n{typed.Email}\n{typed.FirstName}"))));

    private static ContentHttpResult Page(HttpContext http, string html, int status = StatusCodes.Status200OK, string nonce = "none")
    {
        http.Response.Headers.ContentSecurityPolicy = string.Format(CultureInfo.InvariantCulture, PolicyFormat, nonce);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status);
    }

    private static StatusCodeHttpResult SendTo(HttpContext http, string path, int status = StatusCodes.Status302Found)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Location = http.Request.PathBase + path;
        return TypedResults.StatusCode(status);
    }
}
