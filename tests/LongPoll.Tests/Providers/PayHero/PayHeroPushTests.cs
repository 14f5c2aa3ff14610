using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using LongPoll.Tests.Support;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace LongPoll.Tests.Providers.PayHero;

/// <summary>
/// A push over a real socket. What it comes to decides whether the buyer may be asked again: "refused" is said only where
/// certainly no prompt went out, and no answer of any kind makes a second request.
/// </summary>
public sealed class PayHeroPushTests
{
    private const string Queued = """{"success":true,"status":"QUEUED","reference":"E8UWT7CLUW","CheckoutRequestID":"ws_CO_1"}""";

    [Fact]
    public async Task StartAsync_Accepted_SaysWhatPayHeroWantsAndBringsItsIds()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(201, Queued));
        await using var account = new PayHeroAccount(wire.Address);

        var report = await account.StartAsync();

        Assert.Equal((ReportedOutcome.Accepted, ReportSource.Push, "payhero"), (report.Outcome, report.Source, report.Provider));
        Assert.Equal(account.Attempt.AttemptId, report.Clues.AttemptId);
        Assert.Equal("E8UWT7CLUW", report.Clues.ProviderReference);
        Assert.Null(report.Reason);

        var request = Assert.Single(wire.Requests);
        Assert.Equal("POST /api/v2/payments HTTP/1.1", request.Line);
        Assert.Contains("Authorization: Basic dXNlcjpwYXNzd29yZA==", request.Head, StringComparison.Ordinal);
        var sent = JsonDocument.Parse(request.Body).RootElement;
        Assert.Equal("300", sent.GetProperty("amount").GetRawText());
        Assert.Equal("254712345938", sent.GetProperty("phone_number").GetString());
        Assert.Equal(3767, sent.GetProperty("channel_id").GetInt32());
        Assert.Equal("m-pesa", sent.GetProperty("provider").GetString());
        Assert.Equal("7K3M9QXT-P1", sent.GetProperty("external_reference").GetString());
        Assert.Equal("Tom Mboya", sent.GetProperty("customer_name").GetString());
    }

    [Fact]
    public async Task StartAsync_CallbackAddress_CarriesASecretGoodForThisAttemptAlone()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(201, Queued));
        await using var account = new PayHeroAccount(wire.Address);
        await account.StartAsync();
        var address = JsonDocument.Parse(wire.Requests.Single().Body).RootElement.GetProperty("callback_url").GetString()!;

        Assert.StartsWith("https://shop.example/payhero/callback/", address, StringComparison.Ordinal);
        Assert.DoesNotContain("new-token", address, StringComparison.Ordinal);
        var callback = new CallbackRequest(address.Split('/')[^1], new HeaderDictionary(), ReadOnlyMemory<byte>.Empty);
        Assert.True(account.Provider.Accepts(callback, out var attemptId));
        Assert.Equal(account.Attempt.AttemptId, attemptId);
    }

    [Theory]
    [InlineData(200, Queued, nameof(ReportedOutcome.Accepted), null)]
    [InlineData(200, """{"success":false,"message":"Insufficient service balance"}""", nameof(ReportedOutcome.Refused), Reasons.ProviderError)]
    [InlineData(400, """{"error_message":"phone_number is invalid"}""", nameof(ReportedOutcome.Refused), Reasons.ProviderError)]
    [InlineData(401, "", nameof(ReportedOutcome.Refused), Reasons.ProviderError)]
    [InlineData(404, "<html>", nameof(ReportedOutcome.Refused), Reasons.ProviderError)]
    [InlineData(422, "{}", nameof(ReportedOutcome.Refused), Reasons.ProviderError)]
    [InlineData(429, "{}", nameof(ReportedOutcome.Refused), Reasons.ProviderError)]
    [InlineData(408, "", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(500, "oops", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(502, "", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(503, """{"success":false}""", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(504, "", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(302, "", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(200, "", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(200, "<html>payment page</html>", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(200, "null", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(200, "[1]", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    [InlineData(200, """{"success":"sure"}""", nameof(ReportedOutcome.Unanswered), Reasons.ProviderDown)]
    public async Task StartAsync_EveryAnswer_IsOneRequestAndThis(int status, string body, string outcome, string? reason)
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(status, body));
        await using var account = new PayHeroAccount(wire.Address);

        var report = await account.StartAsync();

        Assert.Equal((Enum.Parse<ReportedOutcome>(outcome), reason), (report.Outcome, report.Reason));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task StartAsync_ConnectionRefused_IsCertainlyNoPrompt()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var account = new PayHeroAccount(FormattableString.Invariant($"http://127.0.0.1:{port}"));

        var report = await account.StartAsync();

        Assert.Equal((ReportedOutcome.Refused, Reasons.ProviderDown), (report.Outcome, report.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"success\":tr")]
    public async Task StartAsync_ConnectionCutAfterTheRequest_MayBeAPrompt(string sent)
    {
        await using var wire = new PayHeroWire(_ => new WireAnswer(sent, Cut: true));
        await using var account = new PayHeroAccount(wire.Address);

        var report = await account.StartAsync();

        Assert.Equal((ReportedOutcome.Unanswered, Reasons.ProviderDown), (report.Outcome, report.Reason));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task StartAsync_AConnectionOutOfThePoolIsCut_IsNotSentAgain()
    {
        // A client that finds a pooled connection closed likes to try on a fresh one: here that could be a second prompt.
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(201, Queued));
        await using var account = new PayHeroAccount(wire.Address);
        await account.StartAsync();
        wire.Answer = _ => WireAnswer.JustCut;

        var report = await account.StartAsync();

        Assert.Equal(ReportedOutcome.Unanswered, report.Outcome);
        Assert.Equal(2, wire.Requests.Count);
    }

    [Fact]
    public async Task StartAsync_NoAnswerWithinFifteenSeconds_MayBeAPrompt()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.JustHang);
        await using var account = new PayHeroAccount(wire.Address);

        var start = account.StartAsync();
        await Eventually.IsAsync(() => wire.Requests.Count == 1);
        account.Clock.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(start.IsCompleted);
        account.Clock.Advance(TimeSpan.FromSeconds(0.1));
        var report = await start;

        Assert.Equal((ReportedOutcome.Unanswered, Reasons.ProviderDown), (report.Outcome, report.Reason));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task StartAsync_TenFailuresInARow_OpenTheBreakerForTenSeconds()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(503, ""));
        await using var account = new PayHeroAccount(wire.Address);
        for (var push = 0; push < 10; push++)
        {
            Assert.Equal(ReportedOutcome.Unanswered, (await account.StartAsync()).Outcome);
        }

        var refused = await account.StartAsync();
        Assert.Equal((ReportedOutcome.Refused, Reasons.ProviderDown), (refused.Outcome, refused.Reason));
        Assert.Equal(10, wire.Requests.Count);

        wire.Answer = _ => WireAnswer.Json(201, Queued);
        account.Clock.Advance(TimeSpan.FromSeconds(10.1));
        Assert.Equal(ReportedOutcome.Accepted, (await account.StartAsync()).Outcome);
        Assert.Equal(ReportedOutcome.Accepted, (await account.StartAsync()).Outcome);
    }

    [Fact]
    public async Task StartAsync_PayHeroRefusesManyBuyers_KeepsTheBreakerClosed()
    {
        // A "no" is an answer: ten wrong numbers must not stop the sale.
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(400, "{}"));
        await using var account = new PayHeroAccount(wire.Address);
        for (var push = 0; push < 15; push++)
        {
            await account.StartAsync();
        }

        Assert.Equal(15, wire.Requests.Count);
    }
}
