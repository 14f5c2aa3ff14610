using System.Globalization;
using System.Text;
using LongPoll.Server.Payments;
using Microsoft.Net.Http.Headers;

namespace LongPoll.Server.Http;

/// <summary>200 with an order view: the bytes as they are, its version as ETag.</summary>
internal sealed class OrderViewResult(OrderSnapshot snapshot) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, snapshot);

    /// <summary>Writes the whole answer.</summary>
    public static Task WriteAsync(HttpContext http, OrderSnapshot snapshot)
    {
        var response = http.Response;
        SetHeaders(response, snapshot);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = snapshot.Json.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(snapshot.Json, http.RequestAborted).AsTask();
    }

    public static void SetHeaders(HttpResponse response, OrderSnapshot snapshot)
    {
        response.Headers.ETag = ETag(snapshot);
        response.Headers.CacheControl = "no-store";
    }

    /// <summary>True when the client has this very version.</summary>
    public static bool Matches(HttpRequest request, OrderSnapshot snapshot) =>
        request.Headers.IfNoneMatch.Count > 0
        && EntityTagHeaderValue.TryParseList([.. request.Headers.IfNoneMatch.Select(line => line ?? "")], out var tags)
        && tags.Any(t => t.Tag == ETag(snapshot) || t.Tag == "*");

    private static string ETag(OrderSnapshot snapshot) => string.Create(CultureInfo.InvariantCulture, $"\"v{snapshot.Version}\"");
}

/// <summary>201 with the view and, only here, the token that opens the order.</summary>
internal sealed class CreatedOrderResult(Order order, string accessToken) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var snapshot = OrderSnapshot.Of(order);

        // The view's own bytes with one field more: the token is base64url and needs no escaping.
        var tail = Encoding.ASCII.GetBytes($",\"accessToken\":\"{accessToken}\"}}");
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.Location = $"{httpContext.Request.PathBase}/orders/{order.OrderId:D}";
        OrderViewResult.SetHeaders(response, snapshot);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = snapshot.Json.Length - 1 + tail.Length;
        await response.Body.WriteAsync(snapshot.Json[..^1]);
        await response.Body.WriteAsync(tail);
    }
}
