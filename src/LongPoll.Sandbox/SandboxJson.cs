using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;
using LongPoll.Sandbox.Verdict;

namespace LongPoll.Sandbox;

/// <summary>The sandbox's own JSON, so that it neither needs nor changes the options of its host.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PushRequest))]
[JsonSerializable(typeof(PushAccepted))]
[JsonSerializable(typeof(PayHeroError))]
[JsonSerializable(typeof(TransactionStatus))]
[JsonSerializable(typeof(PayHeroBehaviourView))]
[JsonSerializable(typeof(IReadOnlyList<LedgerLine>))]
[JsonSerializable(typeof(CallbackReply))]
[JsonSerializable(typeof(AnswerRequest))]
[JsonSerializable(typeof(SeenOrder))]
[JsonSerializable(typeof(MadeOrder))]
[JsonSerializable(typeof(IReadOnlyList<InboxEntry>))]
[JsonSerializable(typeof(VerdictReport))]
[JsonSerializable(typeof(PayPageView))]
[JsonSerializable(typeof(IReadOnlyList<PayPageView>))]
[JsonSerializable(typeof(PromptView))]
[JsonSerializable(typeof(IReadOnlyList<PromptView>))]
internal sealed partial class SandboxJson : JsonSerializerContext
{
    /// <summary>The body of a request, or null when it is no JSON of this kind; the caller says how its provider puts that.</summary>
    public static async Task<T?> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, type, request.HttpContext.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Enum names on the wire: <c>InsufficientFunds</c> is <c>insufficient_funds</c>, and numbers are refused.</summary>
internal sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
