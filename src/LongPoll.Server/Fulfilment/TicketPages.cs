using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Fulfilment;

/// <summary>The pages of tickets: the QR code large and on white, without script, fit to be printed.</summary>
internal static class TicketPages
{
    private const string Style = """
        :root{color-scheme:light dark;--back:#eef2ea;--card:#fff;--ink:#14201a;--soft:#5c6b62;--line:#dfe6dc;--band:#0b6b45}
        @media (prefers-color-scheme:dark){:root{--back:#101512;--card:#1a211d;--ink:#eef3ef;--soft:#a9b8ae;--line:#2b352f;--band:#0c5a3a}}
        *{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 -apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}
        main{max-width:440px;margin:0 auto;padding:24px 14px 40px}article{background:var(--card);border:1px solid var(--line);border-radius:18px;overflow:hidden;margin:0 0 20px;break-inside:avoid}
        header{background:var(--band);color:#fff;padding:20px 22px}header h1,header h2{margin:0;font-size:24px;line-height:1.2;overflow-wrap:anywhere}header p{margin:4px 0 0;color:#d9f2e5;font-size:15px}
        .qr{background:#fff;margin:22px auto 0;width:min(272px,78vw);border-radius:12px;padding:6px}.qr svg{display:block;width:100%;height:auto}
        .words{padding:16px 22px 22px;text-align:center}.seat{font-size:22px;font-weight:700;overflow-wrap:anywhere}.soft{color:var(--soft);font-size:14px;margin:6px 0 0}
        .used .qr,.void .qr{opacity:.25}.mark{display:inline-block;margin-top:10px;padding:4px 14px;border-radius:99px;border:2px solid currentColor;font-weight:700}
        .plain{padding:26px 22px}.plain h1{margin:0 0 8px;font-size:24px}
        @media print{body{background:#fff}main{max-width:none}article{max-width:420px;margin:0 auto 20px}}
        """;

    public static string One(PaidOrder paid, Ticket ticket, TicketCodes codes) => Shell(Title(paid), Stub(paid, ticket, codes));

    public static string All(PaidOrder paid, TicketCodes codes)
    {
        var body = new StringBuilder();
        if (paid.Order.PaymentStatus != PaymentStatus.Completed)
        {
            body.Append("<article class=\"plain\"><h1>No tickets yet</h1><p>This order has not been paid.</p></article>");
        }
        else if (paid.Tickets.Count < paid.Slots.Count)
        {
            body.Append(CultureInfo.InvariantCulture, $"<article class=\"plain\"><h1>Your tickets are being made</h1><p>{paid.Tickets.Count} of {paid.Slots.Count} are here. Load this page again in a moment; they also come by email.</p></article>");
        }

        foreach (var ticket in paid.Tickets)
        {
            body.Append(Stub(paid, ticket, codes));
        }

        return Shell(Title(paid), body.ToString());
    }

    private static string Stub(PaidOrder paid, Ticket ticket, TicketCodes codes)
    {
        var status = GateView.StatusOf(ticket);
        var when = EventTimes.Of(paid.Event);
        return $"""
            <article class="{status}"><header><h2>{Encode(Title(paid))}</h2>{Line(when)}{Line(paid.Event?.Venue)}</header>
            <div class="qr">{QrImages.Svg(codes.For(paid.Order.OrderId, ticket.Slot.Number))}</div>
            <div class="words"><div class="seat">{Encode(ticket.Slot.Seat is { } seat ? "Seat " + seat : ticket.Slot.Item)}</div>
            <p class="soft">{Encode(ticket.Slot.Seat is null ? "Free seating" : ticket.Slot.Item)} · ticket {Number(ticket.Slot.Number)} of {Number(paid.Slots.Count)}</p>
            <p class="soft">Booking {Encode(paid.Order.BookingReference)} · order {Encode(paid.Order.OrderNumber)}</p>{Mark(ticket, status)}</div></article>
            """;
    }

    private static string Mark(Ticket ticket, string status) => status switch
    {
        "used" => $"<p class=\"mark\">Used {Encode(ticket.AdmittedAt!.Value.ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture))} UTC</p>",
        "void" => "<p class=\"mark\">Not valid any more</p>",
        _ => "",
    };

    private static string Title(PaidOrder paid) => paid.Event?.Name ?? paid.Items[0].Name;

    private static string Line(string? text) => string.IsNullOrEmpty(text) ? "" : $"<p>{Encode(text)}</p>";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? "");

    private static string Shell(string title, string body) =>
        $"""
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
        <title>{Encode(title)}</title><style>{Style}</style></head><body><main>{body}</main></body></html>
        """;
}

/// <summary>When an event begins, as people at its place say it.</summary>
internal static class EventTimes
{
    /// <summary>For example "Friday, 15 January 2027, 21:00 (Africa/Nairobi)"; null when nobody said.</summary>
    public static string? Of(SoldEvent? sold)
    {
        if (sold?.StartsAt is not { } startsAt)
        {
            return null;
        }

        return sold.TimeZone is { } id && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
            ? string.Create(CultureInfo.InvariantCulture, $"{TimeZoneInfo.ConvertTime(startsAt, zone):dddd, d MMMM yyyy, HH:mm} ({id})")
            : string.Create(CultureInfo.InvariantCulture, $"{startsAt.UtcDateTime:dddd, d MMMM yyyy, HH:mm} (UTC)");
    }
}
