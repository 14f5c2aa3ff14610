using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using LongPoll.Tests.Http;
using LongPoll.Tests.Tickets;
using StackExchange.Redis;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>
/// A person is planted, and the whole way is gone: order, payment, tickets, mails, gate, errors, with everything that can be logged.
/// Then everything that was written is searched: logs, Redis, metrics, error pages, the outbox.
/// </summary>
public sealed class PersonalDataTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    private const string LastName = "Canarybird";

    [Fact]
    [Trait("Acceptance", "167")]
    public async Task PlantedPerson_IsFoundNowhereButInTheirOwnPlaces()
    {
        var phone = Shop.NewPhone();
        var email = $"canary.{Guid.NewGuid():N}@example.com";
        string[] canaries = [email, email[..email.IndexOf('@', StringComparison.Ordinal)], phone, phone[3..], LastName];
        var metrics = new ConcurrentQueue<string>();
        using var listener = ListenTo(metrics);
        await using var redis = await Heard.StartAsync();
        await using var mails = MailServer.Start();
        mails.Taking = mail => Task.FromResult(mail.Kind == "receipt" && mails.Mails.Count < 2 ? $"451 {email} later" : "250 taken");
        await using var tickets = await FakeTicketService.StartAsync();
        var refusals = 0;
        tickets.Instead = async (_, http) =>
        {
            if (Interlocked.Increment(ref refusals) > 1)
            {
                return false;
            }

            http.Response.StatusCode = 400;
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"{email} {phone}"));
            return true;
        };
        await using var shop = await FulfilmentShop.StartAsync(
            world,
            ("Logging:LogLevel:Default", "Debug"), ("Logging:LogLevel:Microsoft.AspNetCore", "Debug"), ("Logging:LogLevel:System", "Debug"),
            ("Logging:Console:LogLevel:Default", "None"), ("TicketApi:BaseUrl", tickets.Url),
            ("Smtp:Host", "127.0.0.1"), ("Smtp:Port", mails.Port.ToString(CultureInfo.InvariantCulture)), ("Smtp:From", "tickets@shop.example"));
        using var log = LogCapture.On(shop.Shop);
        var body = Shop.Body(phone);
        body["customer"]!["email"] = email;
        body["customer"]!["lastName"] = LastName;
        var errors = new List<Answer>();

        var created = (await shop.Shop.CreateAsync(body)).AssertStatus(201);
        var order = new Placed(created.Json.GetProperty("orderId").GetString()!, created.Json.GetProperty("accessToken").GetString()!, phone, created);
        await shop.Shop.PaidAsync(order);
        await Until.ValueAsync(() => world.CountAsync("mails", order.Id), noted => noted == 3);
        await shop.Shop.PostAsync($"/orders/{order.Id}/verify?access_token={order.Token}");
        var wallet = (await shop.TicketsAsync(order)).AssertStatus(200);
        var code = wallet.Json.GetProperty("tickets")[0].GetProperty("code").GetString()!;
        await shop.AdmitAsync(code);
        errors.Add(await shop.AdmitAsync(code));
        errors.Add(await shop.Shop.GetAsync($"/tickets/{email}"));
        errors.Add(await shop.Shop.GetAsync("/nothing"));
        errors.Add(await shop.Shop.PostAsync("/orders", Encoding.UTF8.GetBytes($$"""{"customer": "{{email}}", "currency": "{{phone}}"}""")));
        body["customer"]!["phone"] = phone + "1";
        body["items"]![0]!["quantity"] = 77;
        errors.Add(await shop.Shop.CreateAsync(body));
        var read = await shop.Shop.ReadAsync(order);

        Assert.All(errors, answer => Assert.InRange(answer.Status, 400, 499));
        foreach (var canary in canaries)
        {
            Assert.DoesNotContain(log.Lines, line => line.Contains(canary, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(metrics, tag => tag.Contains(canary, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(errors, answer => answer.Text.Contains(canary, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(redis.Messages, message => message.Contains(canary, StringComparison.OrdinalIgnoreCase));
            Assert.DoesNotContain(canary, await redis.EverythingAsync(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(canary, read.Text, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(0, await world.ScalarAsync("select count(*) from outbox x where x::text ilike '%' || $1 || '%'", canary));
            Assert.Equal(0, await world.ScalarAsync("select count(*) from orders x where x::text ilike '%' || $1 || '%'", canary));
            Assert.Equal(0, await world.ScalarAsync("select count(*) from order_events x where x::text ilike '%' || $1 || '%'", canary));
            Assert.Equal(0, await world.ScalarAsync("select count(*) from mails x where x::text ilike '%' || $1 || '%'", canary));
        }

        // A ticket's code opens a gate, and an access token the wallet: neither is for logs.
        Assert.DoesNotContain(log.Lines, line => line.Contains(code, StringComparison.Ordinal) || line.Contains(order.Token, StringComparison.Ordinal));

        // The search has found something to search.
        Assert.Contains(log.Lines, line => line.Contains(order.Id, StringComparison.Ordinal));
        Assert.Contains(redis.Messages, message => message.Contains(order.Id, StringComparison.Ordinal));
        Assert.NotEmpty(metrics);
    }

    private static MeterListener ListenTo(ConcurrentQueue<string> metrics)
    {
        var listener = new MeterListener { InstrumentPublished = static (instrument, listening) => listening.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            // What this process does as a client is not the server's.
            if (instrument.Meter.Name is not ("System.Net.Http" or "System.Net.NameResolution"))
            {
                metrics.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))}");
            }
        }
    }

    /// <summary>All messages on Redis, and all that stands in it.</summary>
    private sealed class Heard(ConnectionMultiplexer connection) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<string> _messages = new();

        public IReadOnlyCollection<string> Messages => _messages;

        public static async Task<Heard> StartAsync()
        {
            var heard = new Heard(await ConnectionMultiplexer.ConnectAsync(Servers.Redis));
            await heard.Connection.GetSubscriber().SubscribeAsync(new RedisChannel("*", RedisChannel.PatternMode.Pattern), (_, message) => heard._messages.Enqueue(message.ToString()));
            return heard;
        }

        public async Task<string> EverythingAsync()
        {
            var everything = new StringBuilder();
            foreach (var key in connection.GetServer(connection.GetEndPoints()[0]).Keys())
            {
                everything.Append(key.ToString()).Append(' ').Append(await connection.GetDatabase().StringGetAsync(key)).Append('\n');
            }

            return everything.ToString();
        }

        public async ValueTask DisposeAsync() => await connection.CloseAsync();

        private ConnectionMultiplexer Connection => connection;
    }
}
