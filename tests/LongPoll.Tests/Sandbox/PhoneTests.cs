using System.Net;
using System.Text.Json;
using Xunit;

namespace LongPoll.Tests.Sandbox;

public sealed class PhoneTests
{
    [Theory]
    [InlineData("pin", 0, "SUCCESS")]
    [InlineData("cancel", 1032, "FAILED")]
    [InlineData("insufficient_funds", 1, "FAILED")]
    [InlineData("wrong_pin", 2001, "FAILED")]
    public async Task An_answer_is_called_back_and_the_status_query_agrees(string action, int code, string status)
    {
        await using CallbackListener till = await CallbackListener.StartAsync();
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync(till.Url);

        using HttpResponseMessage answer = await sandbox.AnswerAsync(reference, new { action });

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        JsonElement response = (await till.NextAsync()).GetProperty("response");
        Assert.Equal(code, response.GetProperty("ResultCode").GetInt32());
        Assert.Equal("ORD-42-P1", response.GetProperty("ExternalReference").GetString());
        JsonElement asked = await sandbox.StatusAsync(reference);
        Assert.Equal(status, asked.GetProperty("status").GetString());
        Assert.Equal(response.GetProperty("MpesaReceiptNumber").GetString(), asked.GetProperty("provider_reference").GetString());
    }

    [Theory]
    [InlineData("a", "response")]
    [InlineData("b", "external_reference")]
    [InlineData("daraja", "Body")]
    public async Task The_answer_chooses_the_shape(string shape, string property)
    {
        await using CallbackListener till = await CallbackListener.StartAsync();
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync(till.Url);

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "pin", shape });

        Assert.True((await till.NextAsync()).TryGetProperty(property, out JsonElement _));
    }

    [Fact]
    public async Task A_second_answer_is_a_conflict()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync();
        using HttpResponseMessage first = await sandbox.AnswerAsync(reference, new { action = "cancel" });

        using HttpResponseMessage second = await sandbox.AnswerAsync(reference, new { action = "pin" });

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal("FAILED", (await sandbox.StatusAsync(reference)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Copies_are_the_same_callback_again()
    {
        await using CallbackListener till = await CallbackListener.StartAsync();
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync(till.Url);

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "pin", times = 3 });

        JsonElement first = await till.NextAsync();
        Assert.True(JsonElement.DeepEquals(first, await till.NextAsync()));
        Assert.True(JsonElement.DeepEquals(first, await till.NextAsync()));
        await sandbox.PromptOnceAsync(reference, callback => callback.GetProperty("copy").GetInt32() == 3);
    }

    [Fact]
    public async Task Money_is_known_to_the_status_query_before_a_delayed_callback()
    {
        await using CallbackListener till = await CallbackListener.StartAsync();
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync(till.Url);

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "pin", delayMs = 600_000 });

        Assert.Equal("SUCCESS", (await sandbox.StatusAsync(reference)).GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, (await sandbox.PromptsAsync()).Single().GetProperty("callback").ValueKind);
    }

    [Fact]
    public async Task A_refused_callback_is_tried_again_until_it_is_taken()
    {
        await using CallbackListener till = await CallbackListener.StartAsync(503, 500);
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync(till.Url);

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "pin" });

        JsonElement prompt = await sandbox.PromptOnceAsync(reference, callback => callback.GetProperty("try").GetInt32() == 3);
        Assert.Equal(200, prompt.GetProperty("callback").GetProperty("status").GetInt32());
        Assert.Equal("""{"result":"applied"}""", prompt.GetProperty("callback").GetProperty("answer").GetString());
    }

    [Fact]
    public async Task A_callback_that_reaches_nobody_says_why()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync("http://127.0.0.1:1/callback");

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "pin" });

        JsonElement prompt = await sandbox.PromptOnceAsync(reference, callback => callback.GetProperty("try").GetInt32() == 3);
        Assert.NotEmpty(prompt.GetProperty("callback").GetProperty("error").GetString()!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_prompt_that_nobody_answers_lapses_with_1037(bool ignoredByHand)
    {
        await using CallbackListener till = await CallbackListener.StartAsync();
        await using RunningSandbox sandbox =
            await RunningSandbox.StartAsync(options => options.PromptLife = TimeSpan.FromMilliseconds(300));
        string reference = await sandbox.PushAsync(till.Url);

        if (ignoredByHand)
            using (await sandbox.AnswerAsync(reference, new { action = "ignore" })) { }

        Assert.Equal(1037, (await till.NextAsync()).GetProperty("response").GetProperty("ResultCode").GetInt32());
        Assert.Equal("FAILED", (await sandbox.StatusAsync(reference)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Prompts_are_found_by_phone_however_written_and_by_reference()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await sandbox.PushAsync(phone: "0712345678", external: "A");
        await sandbox.PushAsync(phone: "254112345678", external: "B");

        Assert.Equal("A", Assert.Single(await sandbox.PromptsAsync("?phone=%2B254712345678")).GetProperty("externalReference").GetString());
        Assert.Equal("B", Assert.Single(await sandbox.PromptsAsync("?phone=0112345678")).GetProperty("externalReference").GetString());
        Assert.Equal("B", Assert.Single(await sandbox.PromptsAsync("?reference=B")).GetProperty("externalReference").GetString());
    }

    [Theory]
    [InlineData("""{"action":"dance"}""")]
    [InlineData("""{"action":1}""")]
    [InlineData("""{"shape":"a"}""")]
    [InlineData("""{"action":"pin","times":0}""")]
    [InlineData("""{"action":"pin","delayMs":-1}""")]
    [InlineData("pin")]
    public async Task A_malformed_answer_is_refused_and_answers_nothing(string body)
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync();

        using HttpResponseMessage answer = await sandbox.AnswerAsync(reference, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("waiting", (await sandbox.PromptsAsync()).Single().GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_page_is_one_document_and_escapes_the_merchant()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync(options => options.MerchantName = "\"><script>");

        using HttpResponseMessage answer = await sandbox.GetAsync("/sandbox");

        string page = await RunningSandbox.TextAsync(answer);
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("data-merchant=\"&quot;&gt;&lt;script&gt;\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        Assert.Contains("script-src 'sha256-", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }
}
