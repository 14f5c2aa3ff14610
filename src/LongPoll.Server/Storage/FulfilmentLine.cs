using System.Text.Json;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage;

/// <summary>A step of fulfilment as one flat line, for both databases.</summary>
internal sealed record FulfilmentLine(
    Guid OrderId, string FromState, string ToState, string TicketList, Guid EventId, bool Welcomes, Guid MailId, string Mails, Guid? KeptMessageId)
{
    public static FulfilmentLine Of(FulfilmentStep step) => new(
        step.OrderId,
        Names.Of(step.From),
        Names.Of(step.To),
        JsonSerializer.Serialize(step.View, OrderViewJson.Default.IReadOnlyListOrderTicket),
        Guid.CreateVersion7(),
        step.Welcomes,
        Guid.CreateVersion7(),
        string.Join(',', step.Mails),
        step.KeptMessageId);
}
