using System.Diagnostics;
using LongPoll.Tests.Tickets;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>QR codes are read back by a decoder that is none of ours (zbarimg), from the wallet and from the mail.</summary>
public sealed class QrCodeTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    [Fact]
    [Trait("Acceptance", "82")]
    public async Task QrImage_ReadBack_IsTheTicketsCodeAndOpensTheGate_AndAChangedOneDoesNot()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync(seats: ["A1", "A2"]);
        await shop.PayAsync(order);
        var tickets = (await shop.TicketsAsync(order)).Json.GetProperty("tickets").EnumerateArray().ToArray();
        var mail = (await shop.MailsAsync(order, 3))["ticket"];
        var attached = mail.Parts.Where(p => p.IsAttachment).ToArray();

        for (var n = 0; n < 2; n++)
        {
            var png = (await shop.Shop.GetAsync($"{tickets[n].GetProperty("qrPng").GetString()}?access_token={order.Token}")).AssertStatus(200);
            Assert.Equal("image/png", png.ContentHeaders.ContentType?.MediaType);
            var read = await DecodeAsync(png.Bytes);
            Assert.Equal(tickets[n].GetProperty("code").GetString(), read);
            Assert.Equal(read, await DecodeAsync(attached[n].Content));
            (await shop.Shop.GetAsync($"/tickets/{read}")).AssertStatus(200);
            (await shop.Shop.GetAsync($"/tickets/{read[..10]}{(read[10] == 'Z' ? 'Y' : 'Z')}{read[11..]}")).AssertProblem(404);
        }
    }

    private static async Task<string> DecodeAsync(byte[] png)
    {
        var file = Path.Combine(Path.GetTempPath(), $"longpoll-qr-{Guid.NewGuid():N}.png");
        await File.WriteAllBytesAsync(file, png);
        try
        {
            using var decoder = Process.Start(new ProcessStartInfo("zbarimg", ["--quiet", "--raw", file]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var read = await decoder.StandardOutput.ReadToEndAsync();
            await decoder.WaitForExitAsync();
            return read.Trim();
        }
        finally
        {
            File.Delete(file);
        }
    }
}
