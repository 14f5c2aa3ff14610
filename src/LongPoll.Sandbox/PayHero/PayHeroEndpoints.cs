using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Phone;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.PayHero;

/// <summary>PayHero's API v2 as far as a till needs it: push, status query; and a switch for how it behaves.</summary>
internal static class PayHeroEndpoints
{
    private static readonly CodeSequence References = new(10);
    private static readonly TimeSpan CallbackFirstLimit = TimeSpan.FromSeconds(5);
    private static long _checkouts;

    public static void MapPayHero(this RouteGroupBuilder sandbox)
    {
        RouteGroupBuilder payHero = sandbox.MapGroup("/payhero");
        payHero.MapPost("/api/v2/payments", PushAsync);
        payHero.MapGet("/api/v2/transaction-status", GetStatusAsync);
        payHero.MapGet("/behaviour", GetBehaviour);
        payHero.MapPut("/behaviour", PutBehaviourAsync);
        payHero.MapGet("/ledger", GetLedger);
    }

    private static async Task<IResult> PushAsync(
        HttpContext context, PretendPhone phone, PayHeroBehaviour behaviour, IOptions<SandboxOptions> options, TimeProvider clock)
    {
        if (!IsAuthorised(context.Request, options.Value))
            return Error(401, "UNAUTHORIZED", "invalid credentials");
        PushRequest? push = await SandboxJson.ReadAsync(context.Request, SandboxJson.Default.PushRequest);
        if (push is null)
            return Error(400, "BAD_REQUEST", "invalid request body");
        if (push.Fault() is { } fault)
            return Error(400, "BAD_REQUEST", fault);

        PushScript script = behaviour.ScriptFor(Msisdn.From(push.PhoneNumber!)!);
        switch (script.Push)
        {
            case PushBehaviour.Down:
                return Error(503, "SERVICE_UNAVAILABLE", "service temporarily unavailable");
            case PushBehaviour.Hang:
                await Task.Delay(options.Value.HangTime, clock, context.RequestAborted);
                return Error(504, "GATEWAY_TIMEOUT", "upstream timed out");
            case PushBehaviour.Refuse:
                return Error(400, "BAD_REQUEST", "insufficient balance in service wallet");
        }

        Prompt prompt = phone.Receive(Accept(push, clock.GetUtcNow()), script);
        if (script.CallbackFirst)
            await prompt.CallbackOver.Task.WaitAsync(CallbackFirstLimit, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (script.Push == PushBehaviour.Slow)
            await Task.Delay(options.Value.SlowTime, clock, context.RequestAborted);
        if (script.Push == PushBehaviour.LoseAnswer)
        {
            context.Abort();
            return TypedResults.Empty;
        }

        PushAccepted accepted = new(true, "QUEUED", prompt.Push.Reference, prompt.Push.CheckoutRequestId);
        return TypedResults.Json(accepted, SandboxJson.Default.PushAccepted, statusCode: 201);
    }

    private static async Task<IResult> GetStatusAsync(
        HttpRequest request, string? reference, PromptStore prompts, PayHeroBehaviour behaviour, IOptions<SandboxOptions> options, TimeProvider clock)
    {
        if (!IsAuthorised(request, options.Value))
            return Error(401, "UNAUTHORIZED", "invalid credentials");
        if (string.IsNullOrEmpty(reference))
            return Error(400, "BAD_REQUEST", "reference is required");
        if (prompts.Find(reference) is not { } prompt)
            return Error(404, "NOT_FOUND", "transaction not found");

        DateTimeOffset now = clock.GetUtcNow();
        QueryFaults faults = prompt.Script.Query;
        QueryBehaviour queries = now - prompt.Push.PushedAt < faults.For ? faults.Behaviour : behaviour.View.Queries;
        if (queries == QueryBehaviour.Down)
            return Error(503, "SERVICE_UNAVAILABLE", "service temporarily unavailable");
        if (queries == QueryBehaviour.NotFound)
            return Error(404, "NOT_FOUND", "transaction not found");
        if (queries == QueryBehaviour.Slow)
            await Task.Delay(options.Value.SlowTime, clock, request.HttpContext.RequestAborted);

        TransactionStatus status = TransactionStatus.Of(prompt, options.Value.MerchantName, queries);
        if (status.Status == TransactionStatus.Failed)
            prompt.TellFailure(now);
        return TypedResults.Json(status, SandboxJson.Default.TransactionStatus);
    }

    private static JsonHttpResult<PayHeroBehaviourView> GetBehaviour(PayHeroBehaviour behaviour) =>
        TypedResults.Json(behaviour.View, SandboxJson.Default.PayHeroBehaviourView);

    private static async Task<IResult> PutBehaviourAsync(HttpRequest request, PayHeroBehaviour behaviour)
    {
        PayHeroBehaviourView? wanted = await SandboxJson.ReadAsync(request, SandboxJson.Default.PayHeroBehaviourView);
        if (wanted is null)
            return TypedResults.Problem(
                """
                Expected {"pushes":"accept|refuse|down|hang|lose_answer|slow","queries":"honest|down|slow|failed|queued|not_found","callbackFirst":false,"seed":null}.
                """, statusCode: 400);
        behaviour.View = wanted;
        return GetBehaviour(behaviour);
    }

    private static JsonHttpResult<IReadOnlyList<LedgerLine>> GetLedger(PromptStore prompts)
    {
        IReadOnlyList<LedgerLine> lines = [.. prompts.Newest(int.MaxValue).Select(prompt => LedgerLine.Of(prompt))];
        return TypedResults.Json(lines, SandboxJson.Default.IReadOnlyListLedgerLine);
    }

    private static PayHeroPush Accept(PushRequest push, DateTimeOffset now)
    {
        // Safaricom's form: the time in Nairobi, some digits, the end of the phone. Counted digits keep it unique.
        long digits = Interlocked.Increment(ref _checkouts) % 1_000_000;
        string time = NairobiTime.From(now).ToString("ddMMyyyyHHmmss", CultureInfo.InvariantCulture);
        string merchant = Guid.NewGuid().ToString("D");
        return new PayHeroPush
        {
            Reference = References.Next(),
            CheckoutRequestId = string.Create(CultureInfo.InvariantCulture, $"ws_CO_{time}{digits:D6}{Msisdn.From(push.PhoneNumber!)![3..]}"),
            MerchantRequestId = $"{merchant[9..13]}-{merchant[14..18]}-{merchant[24..]}",
            ExternalReference = push.ExternalReference ?? "",
            Amount = (long)push.Amount!.Value,
            Phone = push.PhoneNumber!,
            ChannelId = push.ChannelId!.Value,
            CustomerName = push.CustomerName,
            CallbackUrl = push.CallbackAddress,
            PushedAt = now,
        };
    }

    private static bool IsAuthorised(HttpRequest request, SandboxOptions options)
    {
        const string Scheme = "Basic ";
        string header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        string token = header[Scheme.Length..].Trim();
        if (string.IsNullOrEmpty(options.PayHeroBasicToken))
            return token.Length > 0;

        // The dashboard hands the token out with its scheme in front, and people paste it either way.
        string wanted = options.PayHeroBasicToken;
        if (wanted.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            wanted = wanted[Scheme.Length..];
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(wanted.Trim()));
    }

    private static JsonHttpResult<PayHeroError> Error(int status, string code, string message) =>
        TypedResults.Json(new PayHeroError(code, message, status), SandboxJson.Default.PayHeroError, statusCode: status);
}
