using System.Text.Json.Serialization;

namespace LongPoll.Sandbox.PayHero;

/// <summary>The three bodies that a callback about an STK push is known to have.</summary>
[JsonConverter(typeof(SnakeCaseEnum<CallbackShape>))]
public enum CallbackShape
{
    /// <summary>The envelope of docs.payhero.co.ke, captured live: <c>{"status":true,"response":{…}}</c>.</summary>
    A,

    /// <summary>The flat body of docs.payhero.africa: no result code, a cancel shows in <c>message</c> only.</summary>
    B,

    /// <summary>Safaricom's own <c>Body.stkCallback</c>: no external reference, a receipt only among the metadata.</summary>
    Daraja,
}
