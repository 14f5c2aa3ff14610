using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>An HTTP answer, read to its end.</summary>
public sealed record Answer(int Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement.Clone();

    public string? Ending => Header("LongPoll-Ending");

    public string PaymentStatus => Json.GetProperty("paymentStatus").GetString()!;

    public long Version => Json.GetProperty("version").GetInt64();

    /// <summary>The word that a callback was answered with.</summary>
    public string Result => Json.GetProperty("result").GetString()!;

    /// <summary>For messages of failed assertions; a record's own would read every property, also those that this answer has not.</summary>
    public override string ToString() => $"{Status} {Ending} {Text}";

    /// <summary>The value of a header, wherever .NET files it; null when there is none.</summary>
    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) || ContentHeaders.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    /// <summary>Asserts the status and nothing else.</summary>
    public Answer AssertStatus(int status)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status}: {Text}");
        return this;
    }

    /// <summary>Asserts the form that every error has, and that it tells nothing it should not.</summary>
    public Answer AssertProblem(int status)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status}: {Text}");
        Assert.Equal("application/problem+json", ContentHeaders.ContentType?.MediaType);
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        foreach (var field in (string[])["type", "title", "detail", "traceId"])
        {
            Assert.False(string.IsNullOrWhiteSpace(Json.GetProperty(field).GetString()), field);
        }

        Assert.DoesNotContain("Exception", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        AssertSecurityHeaders(Headers);
        return this;
    }

    /// <summary>Asserts the headers that every answer has; each once.</summary>
    public static void AssertSecurityHeaders(HttpResponseHeaders headers)
    {
        Assert.Equal("nosniff", Assert.Single(headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(headers.GetValues("X-Frame-Options")));
        Assert.Equal("no-referrer", Assert.Single(headers.GetValues("Referrer-Policy")));
    }

    /// <summary>Asserts that the answer tells the client when to come back.</summary>
    public Answer AssertRetryAfter()
    {
        Assert.True(Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1), $"Retry-After is {Header("Retry-After")}");
        return this;
    }

    /// <summary>Asserts 200 with a view in this state.</summary>
    public Answer AssertView(string paymentStatus, string? ending = null)
    {
        Assert.True(Status == 200, $"Expected 200, got {Status}: {Text}");
        Assert.Equal("application/json", ContentHeaders.ContentType?.MediaType);
        Assert.Equal(paymentStatus, PaymentStatus);
        Assert.Equal($"\"v{Version}\"", Header("ETag"));
        Assert.Equal("no-store", Header("Cache-Control"));
        AssertSecurityHeaders(Headers);
        if (ending is not null)
        {
            Assert.Equal(ending, Ending);
        }

        return this;
    }

    /// <summary>Asserts 200 with this result of a callback.</summary>
    public Answer AssertResult(string result)
    {
        Assert.True(Status == 200, $"Expected 200, got {Status}: {Text}");
        Assert.Equal(result, Result);
        return this;
    }
}
