using System.Text;
using System.Text.Json;

namespace LongPoll.Server.Payments;

/// <summary>
/// The order view as bytes, with the few facts that decide who is woken by it.
/// The bytes are written as they came: a parked request is answered without reading or serialising anything.
/// </summary>
internal sealed record OrderSnapshot(Guid OrderId, long Version, bool Settled, bool Completed, bool FulfilmentPending, ReadOnlyMemory<byte> Json)
{
    /// <summary>The same bytes for whoever keeps them for long: one <see cref="FoldedView"/>, for all who keep this one.</summary>
    public byte[] Folded => field ??= FoldedView.Of(OrderId, Json.Span);

    public static OrderSnapshot Of(Order order) => new(
        order.OrderId,
        order.Version,
        order.Settled,
        order.PaymentStatus == PaymentStatus.Completed,
        order.Fulfilment == Fulfilment.Pending,
        JsonSerializer.SerializeToUtf8Bytes(OrderView.Of(order), OrderViewJson.Default.OrderView));

    /// <summary>
    /// Reads a message or a cache entry, ours or a foreign program's. Null when it does not carry this order's id and a version:
    /// then it says no more than that something may have changed.
    /// </summary>
    public static OrderSnapshot? Read(Guid orderId, ReadOnlyMemory<byte> json)
    {
        Guid? id = null;
        long? version = null;
        string? paymentStatus = null;
        bool? settled = null;
        var fulfilmentPending = false;
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("orderId"u8))
                {
                    reader.Read();
                    id = reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var value) ? value : null;
                }
                else if (reader.ValueTextEquals("version"u8))
                {
                    reader.Read();
                    version = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : null;
                }
                else if (reader.ValueTextEquals("paymentStatus"u8))
                {
                    reader.Read();
                    paymentStatus = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }
                else if (reader.ValueTextEquals("settled"u8))
                {
                    reader.Read();
                    settled = reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : null;
                }
                else if (reader.ValueTextEquals("fulfilment"u8))
                {
                    reader.Read();
                    fulfilmentPending = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("pending"u8);
                }
                else
                {
                    reader.Read();
                }

                reader.Skip();
            }

            // Nothing may stand behind the object: the bytes are going to be somebody's whole answer.
            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
            {
                return null;
            }
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or InvalidOperationException)
        {
            return null;
        }

        return id == orderId && version is { } v
            ? new OrderSnapshot(
                orderId,
                v,
                settled ?? paymentStatus is "completed" or "cancelled" or "failed" or "expired",
                paymentStatus == "completed",
                fulfilmentPending,
                json)
            : null;
    }
}
