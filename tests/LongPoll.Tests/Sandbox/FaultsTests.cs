using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LongPoll.Sandbox.Faults;
using Xunit;

namespace LongPoll.Tests.Sandbox;

/// <summary>The faults on demand, and those drawn from a seed.</summary>
public sealed class FaultsTests
{
    [Fact]
    public async Task A_lost_callback_never_comes_and_the_ledger_knows_of_the_money()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await using CallbackListener till = await CallbackListener.StartAsync();
        string lost = await sandbox.PushAsync(till.Url, external: "ORD-1-P1");
        string told = await sandbox.PushAsync(till.Url, external: "ORD-2-P1");

        using HttpResponseMessage first = await sandbox.AnswerAsync(lost, new { action = "pin", lost = true });
        using HttpResponseMessage second = await sandbox.AnswerAsync(told, new { action = "pin" });

        Assert.Equal("ORD-2-P1", ExternalReference(await till.NextAsync()));
        await sandbox.PromptOnceAsync(told, callback => callback.GetProperty("status").GetInt32() == 200);
        JsonElement[] ledger = await LedgerAsync(sandbox);
        Assert.False(Line(ledger, lost).GetProperty("delivered").GetBoolean());
        Assert.True(Line(ledger, told).GetProperty("delivered").GetBoolean());
        Assert.Equal(300, Line(ledger, lost).GetProperty("amountPaid").GetInt64());
        Assert.NotNull(Line(ledger, lost).GetProperty("receipt").GetString());
    }

    [Fact]
    public async Task Another_amount_stands_in_callback_and_ledger()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await using CallbackListener till = await CallbackListener.StartAsync();
        string reference = await sandbox.PushAsync(till.Url);

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "pin", amountOff = -1 });

        Assert.Equal(299, (await till.NextAsync()).GetProperty("response").GetProperty("Amount").GetInt64());
        Assert.Equal(299, Line(await LedgerAsync(sandbox), reference).GetProperty("amountPaid").GetInt64());
    }

    [Theory]
    [InlineData("failure", 1032)]
    [InlineData("pending", 4999)]
    [InlineData("earlier_attempt", 4999)]
    public async Task A_stale_report_comes_after_the_final_one(string stale, int code)
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await using CallbackListener till = await CallbackListener.StartAsync();
        string reference = await sandbox.PushAsync(till.Url);

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "pin", stale });

        Assert.Equal(0, ResultCode(await till.NextAsync()));
        Assert.Equal(code, ResultCode(await till.NextAsync()));
    }

    [Theory]
    [InlineData("wrong_secret")]
    [InlineData("other_secret")]
    public async Task A_forged_callback_comes_before_the_true_one_and_names_a_receipt_that_nobody_has(string forged)
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await using CallbackListener till = await CallbackListener.StartAsync();
        await sandbox.PushAsync(till.Url + "/AAAAAAAAAAAA", phone: "0722222222");
        string reference = await sandbox.PushAsync(till.Url + "/BBBBBBBBBBBB");

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "cancel", forged });

        Assert.StartsWith("XXF", (await till.NextAsync()).GetProperty("response").GetProperty("MpesaReceiptNumber").GetString(), StringComparison.Ordinal);
        Assert.Equal(1032, ResultCode(await till.NextAsync()));
        JsonElement line = Line(await LedgerAsync(sandbox), reference);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("receipt").ValueKind);
        Assert.Equal("forged_" + forged, line.GetProperty("callbacks")[0].GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Money_can_come_after_a_cancel()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await using CallbackListener till = await CallbackListener.StartAsync();
        string reference = await sandbox.PushAsync(till.Url);

        using HttpResponseMessage _ = await sandbox.AnswerAsync(reference, new { action = "cancel", lateSuccessMs = 100 });

        Assert.Equal(1032, ResultCode(await till.NextAsync()));
        Assert.Equal(0, ResultCode(await till.NextAsync()));
        JsonElement line = Line(await LedgerAsync(sandbox), reference);
        Assert.NotEqual(JsonValueKind.Null, line.GetProperty("failureToldAt").ValueKind);
        Assert.Equal(300, line.GetProperty("amountPaid").GetInt64());
    }

    [Theory]
    [InlineData("failed", 200, "FAILED")]
    [InlineData("queued", 200, "QUEUED")]
    [InlineData("not_found", 404, null)]
    [InlineData("down", 503, null)]
    public async Task The_query_lies_about_a_paid_prompt(string queries, int status, string? word)
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        string reference = await sandbox.PushAsync();
        using HttpResponseMessage paid = await sandbox.AnswerAsync(reference, new { action = "pin" });
        using HttpResponseMessage behaves = await sandbox.Http.PutAsJsonAsync("payhero/behaviour", new { pushes = "accept", queries }, TestContext.Current.CancellationToken);

        using HttpResponseMessage answer = await sandbox.GetAsync($"payhero/api/v2/transaction-status?reference={reference}");

        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        if (word is not null)
            Assert.Equal(word, (await RunningSandbox.JsonAsync(answer)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_callback_comes_before_the_answer_to_the_push()
    {
        await using RunningSandbox sandbox = await RunningSandbox.StartAsync();
        await using CallbackListener till = await CallbackListener.StartAsync();
        using HttpResponseMessage behaves = await sandbox.Http.PutAsJsonAsync("payhero/behaviour", new { pushes = "accept", callbackFirst = true }, TestContext.Current.CancellationToken);

        Task<string> push = sandbox.PushAsync(till.Url);
        JsonElement[] prompts;
        while ((prompts = await sandbox.PromptsAsync()).Length == 0)
            await Task.Yield();
        using HttpResponseMessage _ = await sandbox.AnswerAsync(prompts[0].GetProperty("reference").GetString()!, new { action = "pin" });
        await till.NextAsync();

        Assert.Equal(prompts[0].GetProperty("reference").GetString(), await push);
    }

    [Fact]
    public void The_same_seed_writes_the_same_scripts_and_another_seed_others()
    {
        List<PushScript> first = Scripts(seed: 7), again = Scripts(seed: 7), other = Scripts(seed: 8);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Over_a_seeded_day_every_fault_comes_and_none_that_nobody_could_ever_hear_of()
    {
        List<PushScript> day = Scripts(seed: 1);

        Assert.Superset(Enum.GetValues<Forgery>().ToHashSet(), day.Select(s => s.Answer!.Faults.Forged).ToHashSet());
        Assert.Superset(Enum.GetValues<StaleReport>().ToHashSet(), day.Select(s => s.Answer!.Faults.Stale).ToHashSet());
        Assert.Superset(Enum.GetValues<QueryBehaviour>().ToHashSet(), day.Select(s => s.Query.Behaviour).ToHashSet());
        Assert.Contains(day, s => s.CallbackFirst);
        Assert.Contains(day, s => s.Answer!.Faults.LateSuccess is not null);
        Assert.Contains(day, s => s.Answer!.Faults.AmountOff != 0);
        Assert.Contains(day, s => s.Answer!.Delay > TimeSpan.Zero);
        Assert.DoesNotContain(day, s => s.Answer!.Faults.Lost
            && (s.Push != LongPoll.Sandbox.PayHero.PushBehaviour.Accept || s.Query.Behaviour == QueryBehaviour.Failed));
    }

    private static List<PushScript> Scripts(long seed) => [.. Enumerable.Range(0, 1000).Select(number => SeededScripts.For(seed, number, push: 1))];

    private static async Task<JsonElement[]> LedgerAsync(RunningSandbox sandbox) =>
        (await sandbox.Http.GetFromJsonAsync<JsonElement[]>("payhero/ledger"))!;

    private static JsonElement Line(JsonElement[] ledger, string reference) => ledger.Single(l => l.GetProperty("reference").GetString() == reference);

    private static string? ExternalReference(JsonElement callback) => callback.GetProperty("response").GetProperty("ExternalReference").GetString();

    private static int ResultCode(JsonElement callback) => callback.GetProperty("response").GetProperty("ResultCode").GetInt32();
}
