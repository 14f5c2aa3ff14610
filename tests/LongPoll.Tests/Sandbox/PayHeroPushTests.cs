using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Xunit;

namespace LongPoll.Tests.Sandbox;

public sealed class PayHeroPushTests
{
    [Fact]
    public async Task An_accepted_push_is_queued_and_stands_on_the_phone()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();

        using HttpResponseMessage answer = await sandbox.PushAsync(RunningSandbox.OrdinaryPush());

        JsonElement accepted = await RunningSandbox.JsonAsync(answer);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.True(accepted.GetProperty("success").GetBoolean());
        Assert.Equal("QUEUED", accepted.GetProperty("status").GetString());
        Assert.StartsWith("ws_CO_", accepted.GetProperty("CheckoutRequestID").GetString(), StringComparison.Ordinal);
        JsonElement prompt = Assert.Single(await sandbox.PromptsAsync());
        Assert.Equal(accepted.GetProperty("reference").GetString(), prompt.GetProperty("reference").GetString());
        Assert.Equal("waiting", prompt.GetProperty("state").GetString());
        Assert.Equal("254712345678", prompt.GetProperty("phone").GetString());
        Assert.Equal(300, prompt.GetProperty("amount").GetInt64());
    }

    [Fact]
    public async Task A_push_without_a_basic_token_is_refused()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        sandbox.Http.DefaultRequestHeaders.Authorization = null;

        using HttpResponseMessage answer = await sandbox.PushAsync(RunningSandbox.OrdinaryPush());

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(await sandbox.PromptsAsync());
    }

    [Theory]
    [InlineData("right", 201)]
    [InlineData("wrong", 401)]
    public async Task A_configured_token_is_the_only_one(string token, int status)
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync(options => options.PayHeroBasicToken = "Basic right");
        sandbox.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", token);

        using HttpResponseMessage answer = await sandbox.PushAsync(RunningSandbox.OrdinaryPush());

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("amount", 0)]
    [InlineData("amount", 10.5)]
    [InlineData("amount", "300")]
    [InlineData("phone_number", "0812345678")]
    [InlineData("phone_number", null)]
    [InlineData("channel_id", null)]
    [InlineData("provider", "cash")]
    [InlineData("callback_url", "/payhero/callback")]
    public async Task A_push_that_PayHero_would_refuse_is_refused(string field, object? value)
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        Dictionary<string, object?> push = RunningSandbox.OrdinaryPush();
        push[field] = value;

        using HttpResponseMessage answer = await sandbox.PushAsync(push);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((await RunningSandbox.JsonAsync(answer)).GetProperty("error_message").GetString()!);
        Assert.Empty(await sandbox.PromptsAsync());
    }

    [Theory]
    [InlineData("refuse", 400)]
    [InlineData("down", 503)]
    public async Task A_refusing_or_absent_PayHero_makes_no_prompt(string pushes, int status)
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await sandbox.BehaveAsync(pushes);

        using HttpResponseMessage answer = await sandbox.PushAsync(RunningSandbox.OrdinaryPush());

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Empty(await sandbox.PromptsAsync());
    }

    [Fact]
    public async Task A_lost_answer_leaves_a_prompt_behind()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await sandbox.BehaveAsync("lose_answer");

        await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.PushAsync(RunningSandbox.OrdinaryPush()));

        Assert.Single(await sandbox.PromptsAsync());
    }

    [Fact]
    public async Task A_hanging_PayHero_answers_nothing_for_its_hang_time()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync(options => options.HangTime = TimeSpan.FromMilliseconds(200));
        await sandbox.BehaveAsync("hang");
        long before = TimeProvider.System.GetTimestamp();

        using HttpResponseMessage answer = await sandbox.PushAsync(RunningSandbox.OrdinaryPush());

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.True(TimeProvider.System.GetElapsedTime(before) >= TimeSpan.FromMilliseconds(190));
        Assert.Empty(await sandbox.PromptsAsync());
    }

    [Fact]
    public async Task The_status_query_knows_PayHeros_reference_and_no_other()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync(external: "ORD-7-P1");

        Assert.Equal("QUEUED", (await sandbox.StatusAsync(reference)).GetProperty("status").GetString());
        using HttpResponseMessage other = await sandbox.GetAsync("payhero/api/v2/transaction-status?reference=ORD-7-P1");
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        Assert.Equal("NOT_FOUND", (await RunningSandbox.JsonAsync(other)).GetProperty("error_code").GetString());
    }

    [Fact]
    public async Task The_oldest_prompt_is_forgotten_first()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync(options => options.PromptsKept = 2);
        string oldest = await sandbox.PushAsync(external: "A");
        await sandbox.PushAsync(external: "B");
        await sandbox.PushAsync(external: "C");

        IEnumerable<string?> kept = (await sandbox.PromptsAsync()).Select(prompt => prompt.GetProperty("externalReference").GetString());

        Assert.Equal(["C", "B"], kept);
        using HttpResponseMessage forgotten = await sandbox.AnswerAsync(oldest, new { action = "pin" });
        Assert.Equal(HttpStatusCode.NotFound, forgotten.StatusCode);
    }
}
