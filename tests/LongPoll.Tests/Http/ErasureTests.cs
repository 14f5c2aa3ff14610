using LongPoll.Tests.Tickets;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>A person is forgotten, the books are not.</summary>
public abstract class ErasureTests(ServerWorld world)
{
    [Fact]
    public async Task Erase_BlanksThePersonAndKeepsTheBooks()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var address = FulfilmentShop.NewAddress();
        var order = await shop.PlaceAsync(address);
        var receipt = await shop.PayAsync(order);
        await shop.MailsAsync(order, 3);
        var before = (await shop.Shop.ReadAsync(order)).AssertView("completed");

        (await EraseAsync(shop, order.Id, key: "wrong")).AssertProblem(401);
        (await EraseAsync(shop, order.Id)).AssertStatus(204);

        var after = (await shop.Shop.ReadAsync(order)).AssertView("completed");
        var customer = after.Json.GetProperty("customer");
        Assert.Equal(("", "", ""), (customer.GetProperty("firstName").GetString(), customer.GetProperty("email").GetString(), customer.GetProperty("phone").GetString()));
        Assert.True(after.Version > before.Version);
        Assert.Equal(receipt, after.Json.GetProperty("receipt").GetString());
        foreach (var table in (string[])["payments", "bookings"])
        {
            Assert.Equal(1, await world.CountAsync(table, order.Id));
        }

        Assert.Equal(2, await world.CountAsync("tickets", order.Id));
        (await EraseAsync(shop, order.Id)).AssertProblem(404);
        (await EraseAsync(shop, Guid.NewGuid().ToString())).AssertProblem(404);
    }

    [Fact]
    public async Task Erase_BeforeTheMailsAreSent_DropsThem()
    {
        // The mail server takes nothing: the mails wait.
        await using var shop = await FulfilmentShop.StartAsync(world, ("Smtp:Host", "127.0.0.1"), ("Smtp:Port", "1"), ("Smtp:From", "t@example.com"), ("Smtp:StartTls", "false"));
        var order = await shop.PlaceAsync();
        await shop.PayAsync(order);
        (await EraseAsync(shop, order.Id)).AssertStatus(204);

        await Until.ValueAsync(() => world.CountAsync("mails", order.Id), dropped => dropped == 3);
    }

    [Fact]
    public async Task Erased_ComesAgain_IsNewAgain()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var address = FulfilmentShop.NewAddress();
        var first = await shop.PlaceAsync(address);
        await shop.PayAsync(first);
        await shop.MailsAsync(first, 3);
        (await EraseAsync(shop, first.Id)).AssertStatus(204);

        var second = await shop.PlaceAsync(address);
        await shop.PayAsync(second);

        Assert.Contains("welcome", (await shop.MailsAsync(second, 3)).Keys);
    }

    private static Task<Answer> EraseAsync(FulfilmentShop shop, string id, string key = FulfilmentShop.AdminKey) =>
        shop.Shop.PostAsync($"/admin/customers/{id}/erase", body: null, ("X-Admin-Key", key));
}
