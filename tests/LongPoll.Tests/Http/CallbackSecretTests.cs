using System.Text;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Who is believed, and what is not even read.</summary>
public abstract class CallbackSecretTests(ServerWorld world)
{
    [Theory]
    [InlineData("/payhero/callback/" + ServerWorld.CallbackToken)]
    [InlineData("/payhero/callback?token=" + ServerWorld.CallbackToken)]
    [InlineData("/api/payhero/callback/" + ServerWorld.CallbackToken)]
    [InlineData("/api/payhero/callback?token=" + ServerWorld.CallbackToken)]
    public async Task Callback_PlainTokenInPathOrQuery_IsBelieved(string path)
    {
        var order = await world.Shop.PlaceAsync();

        (await world.Shop.PostAsync(path, PayHeroWire.ShapeA(world.Shop.Push(order), Shop.Paid()))).AssertResult("applied");
    }

    [Fact]
    public async Task Callback_AttemptTokenInQuery_IsBelieved()
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var token = push.CallbackUrl!.Segments[^1];

        (await world.Shop.PostAsync($"/payhero/callback?token={token}", PayHeroWire.ShapeA(push, Shop.Paid()))).AssertResult("applied");
    }

    [Theory]
    [InlineData("/payhero/callback")]
    [InlineData("/payhero/callback?token=")]
    [InlineData("/payhero/callback?token=wrong")]
    [InlineData("/payhero/callback/wrong")]
    [InlineData("/payhero/callback/" + ServerWorld.CallbackToken + "x")]
    [InlineData("/payhero/callback/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Callback_WrongSecret_Is401AndNothingIsStored(string path)
    {
        var order = await world.Shop.PlaceAsync();
        var stored = await world.CountAsync("callbacks");

        (await world.Shop.PostAsync(path, PayHeroWire.ShapeA(world.Shop.Push(order), Shop.Paid()))).AssertProblem(401);

        Assert.Equal(stored, await world.CountAsync("callbacks"));
        (await world.Shop.ReadAsync(order)).AssertView("processing");
    }

    [Fact]
    public async Task Callback_TokenWithOneBitChanged_Is401()
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var token = push.CallbackUrl!.Segments[^1];
        var changed = (token[0] == 'A' ? 'B' : 'A') + token[1..];

        (await world.Shop.PostAsync($"/payhero/callback/{changed}", PayHeroWire.ShapeA(push, Shop.Paid()))).AssertProblem(401);
    }

    [Theory]
    [InlineData(CallbackShape.A)]
    [InlineData(CallbackShape.B)]
    [InlineData(CallbackShape.Daraja)]
    public async Task Callback_TokenOfAnotherOrdersAttempt_PaysNeither(CallbackShape shape)
    {
        var mine = await world.Shop.PlaceAsync();
        var other = await world.Shop.PlaceAsync();

        var answer = await world.Shop.CallbackAsync(world.Shop.Push(mine), PayHeroWire.Callback(shape, world.Shop.Push(other), Shop.Paid()));

        Assert.NotEqual("applied", answer.Status == 200 ? answer.Result : "");
        (await world.Shop.ReadAsync(mine)).AssertView("processing");
        (await world.Shop.ReadAsync(other)).AssertView("processing");
        (await world.Shop.CallbackAsync(world.Shop.Push(mine), PayHeroWire.Callback(shape, world.Shop.Push(other), Shop.Cancelled()))).AssertResult("ignored");
        (await world.Shop.ReadAsync(mine)).AssertView("processing");
        (await world.Shop.ReadAsync(other)).AssertView("processing");
    }

    [Fact]
    public async Task Callback_SeveralTokensConfigured_AllAreBelieved()
    {
        await using var shop = await world.StartAsync(("PayHero:CallbackToken", "new-token-0123456789, " + ServerWorld.CallbackToken));
        var before = await world.Shop.PlaceAsync();
        var after = await shop.PlaceAsync();

        // The push went out under the old token; the new one is first now.
        (await shop.CallbackAsync(world.Shop.Push(before), PayHeroWire.ShapeA(world.Shop.Push(before), Shop.Paid()))).AssertResult("applied");
        (await shop.CallbackAsync(shop.Push(after), PayHeroWire.ShapeA(shop.Push(after), Shop.Paid()))).AssertResult("applied");
        Assert.Equal(400, (await shop.PostAsync("/payhero/callback?token=new-token-0123456789", "-"u8.ToArray())).Status);
        Assert.Equal(401, (await world.Shop.PostAsync("/payhero/callback?token=new-token-0123456789", "-"u8.ToArray())).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ResultCode=0&MpesaReceiptNumber=UKL1A2B3C4")]
    [InlineData("{\"response\":")]
    [InlineData("<xml/>")]
    [InlineData("{} {}")]
    public async Task Callback_NotJson_Is400(string body)
    {
        var stored = await world.CountAsync("callbacks");

        (await world.Shop.PostAsync($"/payhero/callback/{ServerWorld.CallbackToken}", Encoding.UTF8.GetBytes(body))).AssertProblem(400);

        // It passed its secret, so it is kept for whoever has to find out.
        Assert.Equal(stored + 1, await world.CountAsync("callbacks"));
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("text/plain", 200)]
    [InlineData("application/x-www-form-urlencoded", 200)]
    public async Task Callback_ContentType_DoesNotMatter(string type, int status)
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);

        Assert.Equal(status, (await world.Shop.PostAsync(push.CallbackUrl!.PathAndQuery, PayHeroWire.ShapeA(push, Shop.Paid()), ("Content-Type", type))).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Callback_Over64KiB_Is413(bool chunked)
    {
        var stored = await world.CountAsync("callbacks");
        foreach (var (size, status) in ((int, int)[])[(chunked ? 60 * 1024 : 64 * 1024, 200), ((64 * 1024) + 1, 413)])
        {
            var body = Encoding.UTF8.GetBytes($$"""{"x":"{{new string('x', size - 8)}}"}""");
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/payhero/callback/{ServerWorld.CallbackToken}") { Content = new ByteArrayContent(body) };
            request.Headers.TransferEncodingChunked = chunked;

            // A length that is told beforehand is refused before the body is sent; else the refusal and the body could cross.
            request.Headers.ExpectContinue = !chunked;

            var answer = await world.Shop.SendAsync(request);

            Assert.True(answer.Status == status, $"{size} bytes: {answer.Status} {answer.Text}");
            if (status == 413)
            {
                answer.AssertProblem(413);
            }
        }

        Assert.Equal(stored + 1, await world.CountAsync("callbacks"));
    }

    // A stranger could have 64 KiB read per request, and was told 413 where it should be told nothing.
    [Theory]
    [InlineData("/payhero/callback/wrong", 1000)]
    [InlineData("/payhero/callback?token=wrong", 1000)]
    [InlineData("/payhero/callback", 10_000_000)]
    [InlineData("/payhero/callback/wrong", 10_000_000)]
    public async Task Callback_WrongSecretAndABodyThatNeverComes_Is401AtOnce(string path, int length)
    {
        var stored = await world.CountAsync("callbacks");

        Assert.Equal("HTTP/1.1 401 Unauthorized", await HeadAlone.PostAsync(world.Shop.Node.Address, path, length));

        Assert.Equal(stored, await world.CountAsync("callbacks"));
    }

    [Fact]
    public async Task Callback_ProviderWithoutASecret_Is404AndCannotBeChosen()
    {
        await using var shop = await world.StartAsync(("PayHero:CallbackToken", null), ("Sandbox:Enabled", "false"));

        (await shop.PostAsync("/payhero/callback", "{}"u8.ToArray())).AssertProblem(404);
        (await shop.PostAsync("/payhero/callback/anything", "{}"u8.ToArray())).AssertProblem(404);
        (await shop.PostAsync("/payhero/callback?token=", "{}"u8.ToArray())).AssertProblem(404);
        var refused = (await shop.CreateAsync(Shop.Body())).AssertProblem(400);
        Assert.True(refused.Json.GetProperty("errors").TryGetProperty("provider", out _));
    }

    [Theory]
    [InlineData("/stripe/webhook")]
    [InlineData("/phonepe/callback")]
    public async Task Callback_UnconfiguredProvider_Is404(string path)
    {
        await using var shop = await world.StartAsync(("Sandbox:Enabled", "false"));

        (await shop.PostAsync(path, "{}"u8.ToArray())).AssertProblem(404);
    }
}
