using System.Text.Json.Nodes;
using LongPoll.Tests.Http;

namespace LongPoll.Tests.Tickets;

/// <summary>A node that fulfils, with a folder of its own for its mails.</summary>
public sealed class FulfilmentShop(Shop shop, string folder) : IAsyncDisposable
{
    public const string AdminKey = "fulfilment-admin-key-fulfilment-admin-key";

    private static int _buyers;

    public Shop Shop => shop;

    /// <summary>An address that no other test uses.</summary>
    public static string NewAddress() => $"buyer{Interlocked.Increment(ref _buyers)}-{Guid.NewGuid():N}@example.com";

    public static async Task<FulfilmentShop> StartAsync(ServerWorld world, params (string Key, string? Value)[] settings)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"longpoll-mails-{Guid.NewGuid():N}");
        return new FulfilmentShop(
            await world.StartAsync([("Fulfilment:Enabled", "true"), ("Smtp:Folder", folder), ("Admin:Key", AdminKey), ("RateLimits:Public", "1000000 / 1 min"), .. settings]), folder);
    }

    /// <summary>An order for these seats, or for free seats where none are named.</summary>
    public async Task<Placed> PlaceAsync(string? email = null, string[]? seats = null, int quantity = 2, Action<JsonObject>? change = null)
    {
        var phone = Shop.NewPhone();
        var body = Shop.Body(phone);
        body["customer"]!["email"] = email ?? NewAddress();
        body["items"] = new JsonArray(new JsonObject
        {
            ["name"] = "Regular",
            ["quantity"] = seats?.Length ?? quantity,
            ["unitPrice"] = 150,
            ["seats"] = new JsonArray([.. (seats ?? []).Select(s => JsonValue.Create(s))]),
        });
        change?.Invoke(body);
        var answer = (await shop.CreateAsync(body)).AssertStatus(201);
        return new Placed(answer.Json.GetProperty("orderId").GetString()!, answer.Json.GetProperty("accessToken").GetString()!, phone, answer);
    }

    /// <summary>Pays, and waits until the tickets are there or are known to be missing. Gives the receipt.</summary>
    public async Task<string> PayAsync(Placed order)
    {
        var receipt = await shop.PaidAsync(order);
        await FulfilledAsync(order);
        return receipt;
    }

    public async Task<Answer> FulfilledAsync(Placed order) => (await shop.WaitAsync(order, "timeout=30&until=fulfilled")).AssertView("completed");

    public Task<Answer> TicketsAsync(Placed order) => shop.GetAsync($"/orders/{order.Id}/tickets", ("Authorization", "Bearer " + order.Token));

    public Task<Answer> AdmitAsync(string code, string key = AdminKey) => shop.PostAsync($"/tickets/{code}/admit", body: null, ("X-Admin-Key", key));

    /// <summary>The mails of an order so far.</summary>
    public IReadOnlyList<ReceivedMail> Mails(Placed order)
    {
        var number = order.Answer.Json.GetProperty("orderNumber").GetString()!;
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, number + "-*.eml").Select(f => new ReceivedMail(File.ReadAllText(f)))] : [];
    }

    /// <summary>The mails of an order, once there are so many, by kind.</summary>
    public async Task<IReadOnlyDictionary<string, ReceivedMail>> MailsAsync(Placed order, int count)
    {
        var mails = await Until.ValueAsync(() => Task.FromResult(Mails(order)), mails => mails.Count >= count);
        return mails.ToDictionary(m => m.Kind, StringComparer.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await shop.DisposeAsync();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
