using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Phone;

/// <summary>The phone page, and the same phone as JSON for scripts.</summary>
internal static class PhoneEndpoints
{
    private const int PromptsShown = 100;

    public static void MapPhone(this RouteGroupBuilder sandbox)
    {
        sandbox.MapGet("", GetPage);
        sandbox.MapGet("/prompts", GetPrompts);
        sandbox.MapPost("/prompts/{reference}/answer", AnswerAsync);
    }

    private static IResult GetPage(HttpResponse response, IOptions<SandboxOptions> options) =>
        PhonePage.Write(response, options.Value.MerchantName);

    private static JsonHttpResult<IReadOnlyList<PromptView>> GetPrompts(
        PromptStore prompts, string? phone = null, string? reference = null, int limit = PromptsShown)
    {
        string? msisdn = string.IsNullOrEmpty(phone) ? null : Msisdn.From(phone) ?? phone;
        IReadOnlyList<Prompt> found = prompts.Newest(limit, prompt =>
            (msisdn is null || prompt.Msisdn == msisdn)
            && (string.IsNullOrEmpty(reference) || prompt.Push.ExternalReference == reference));
        IReadOnlyList<PromptView> views = [.. found.Select(PromptView.Of)];
        return TypedResults.Json(views, SandboxJson.Default.IReadOnlyListPromptView);
    }

    private static async Task<IResult> AnswerAsync(
        HttpRequest request, string reference, PromptStore prompts, PretendPhone phone, IOptions<SandboxOptions> options)
    {
        AnswerRequest? answer = await SandboxJson.ReadAsync(request, SandboxJson.Default.AnswerRequest);
        if (answer is null)
        {
            return TypedResults.Problem(
                """Expected {"action":"pin|cancel|ignore|insufficient_funds|wrong_pin","shape":"a|b|daraja","delayMs":0,"times":1}.""",
                statusCode: 400);
        }

        if (answer.Fault() is { } fault)
            return TypedResults.Problem(fault, statusCode: 400);
        if (prompts.Find(reference) is not { } prompt)
            return TypedResults.Problem("No prompt has this PayHero reference.", statusCode: 404);

        if (!phone.TryAnswer(prompt, answer.ToAnswer(options.Value.CallbackShape)))
            return TypedResults.Problem("This prompt was answered before.", statusCode: 409);
        return TypedResults.Json(PromptView.Of(prompt), SandboxJson.Default.PromptView, statusCode: 202);
    }
}
