using System.Text.RegularExpressions;
using LongPoll.Tests.Http.Providers;
using Xunit;

namespace LongPoll.Tests.Http.Links;

/// <summary>The pages of a link as a browser without script gets them.</summary>
public abstract partial class LinkPageTests(ServerWorld world) : LinkSuite(world)
{
    private const string ApiKey = "shop-key-0123456789-0123456789-0123";
    private const string Refresh = "<meta http-equiv=\"refresh\" content=\"5\">";

    [Fact]
    [Trait("Acceptance", "61")]
    [Trait("Acceptance", "62")]
    public async Task Form_StartsThePaymentAndItsPageLeadsToSuccess()
    {
        await using var shop = await StartAsync();
        using var browser = new Browser(shop);
        var (link, code) = await MakeAsync(shop);
        var phone = Shop.NewPhone();

        var form = await browser.GetAsync($"/pay/{code}");
        Assert.Contains("KES 300<", form.Html, StringComparison.Ordinal);
        Assert.Contains("Table for &lt;two&gt; &amp; wine", form.Html, StringComparison.Ordinal);
        foreach (var field in (string[])["phone", "email", "firstName"])
        {
            Assert.Contains($"<label for=\"{field}\">", form.Html, StringComparison.Ordinal);
            Assert.Contains($"name=\"{field}\"", form.Html, StringComparison.Ordinal);
        }

        var sent = await browser.PostAsync($"/pay/{code}", Fields(form, phone));
        Assert.Equal(303, sent.Status);
        Assert.StartsWith($"/pay/{code}/payment/", sent.Location, StringComparison.Ordinal);
        var push = Assert.Single(World.PayHero.PushesTo(phone));
        var waiting = await browser.GetAsync(sent.Location!);
        Assert.Equal(200, waiting.Status);
        Assert.Contains("Check your phone and enter your M-PESA PIN.", waiting.Html, StringComparison.Ordinal);
        Assert.Contains($"<noscript>{Refresh}</noscript>", waiting.Html, StringComparison.Ordinal);
        Assert.Contains("/wait\" data-version=\"", waiting.Html, StringComparison.Ordinal);

        (await shop.CallbackAsync(push, LongPoll.Sandbox.PayHero.PayHeroWire.ShapeA(push, Shop.Paid()))).AssertResult("applied");

        Assert.Equal((302, $"/pay/{code}/success"), await browser.LeadsToAsync(sent.Location!));
        Assert.Equal((302, $"/pay/{code}/success"), await browser.LeadsToAsync($"/pay/{code}"));
        var success = await browser.GetAsync($"/pay/{code}/success");
        Assert.Equal(200, success.Status);
        Assert.Contains("<h1>Payment successful!</h1>", success.Html, StringComparison.Ordinal);
        Assert.Contains((await StandsAsync(shop, link, "PAID")).GetProperty("transactionInfo").GetProperty("transactionId").GetString()!, success.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(Refresh, success.Html, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Acceptance", "62")]
    public async Task EachEnd_HasItsPageAndTheOthersLeadThere()
    {
        await using var shop = await StartAsync();
        using var browser = new Browser(shop);
        var (expired, _) = await ExpiredLinkAsync(shop);
        var (canceled, _) = await MakeAsync(shop);
        (await CancelAsync(shop, canceled)).AssertStatus(200);
        var (overdue, _) = await MakeAsync(shop);
        await AgeLinkAsync(overdue, TimeSpan.FromDays(1));

        foreach (var (link, end, title) in ((string, string, string)[])
            [
                (expired, "expired", "This payment link has expired"), (overdue, "expired", "This payment link has expired"),
                (canceled, "canceled", "This payment link was canceled"),
            ])
        {
            var code = Data(await StatusAsync(shop, link)).GetProperty("shortCode").GetString()!;
            Assert.Equal((302, $"/pay/{code}/{end}"), await browser.LeadsToAsync($"/pay/{code}"));
            var page = await browser.GetAsync($"/pay/{code}/{end}");
            Assert.Equal(200, page.Status);
            Assert.Contains($"<h1>{title}</h1>", page.Html, StringComparison.Ordinal);
            Assert.DoesNotContain("<form", page.Html, StringComparison.Ordinal);
            foreach (var other in ((string[])["success", "expired", "canceled"]).Where(o => o != end))
            {
                Assert.Equal((302, $"/pay/{code}"), await browser.LeadsToAsync($"/pay/{code}/{other}"));
            }
        }
    }

    [Fact]
    public async Task OpenLink_HasNoEndYet_AndADraftAndAnUnknownCodeAreNotThere()
    {
        await using var shop = await StartAsync();
        using var browser = new Browser(shop);
        var (_, code) = await MakeAsync(shop);
        var (_, draft) = await MakeAsync(shop, Body(draft: true));

        foreach (var end in (string[])["success", "expired", "canceled"])
        {
            Assert.Equal((302, $"/pay/{code}"), await browser.LeadsToAsync($"/pay/{code}/{end}"));
            Assert.Equal(404, (await browser.GetAsync($"/pay/NOSUCHC0DE/{end}")).Status);
        }

        Assert.Equal(404, (await browser.GetAsync($"/pay/{draft}")).Status);
        var unknown = await browser.GetAsync("/pay/NOSUCHC0DE");
        Assert.Equal(404, unknown.Status);
        Assert.Contains("<h1>We cannot find this payment link</h1>", unknown.Html, StringComparison.Ordinal);
        Assert.Equal(404, (await browser.GetAsync("/pay/" + new string('A', 500))).Status);

        // As somebody types it who read it from paper.
        Assert.Equal(200, (await browser.GetAsync($"/api/pay/{code.ToLowerInvariant().Replace('0', 'o').Replace('1', 'l')}")).Status);
    }

    [Fact]
    public async Task Form_WithSomethingWrong_SaysSoAtTheFieldAndKeepsTheRest()
    {
        await using var shop = await StartAsync();
        using var browser = new Browser(shop);
        var (link, code) = await MakeAsync(shop);
        var form = await browser.GetAsync($"/pay/{code}");

        var refused = await browser.PostAsync($"/pay/{code}", Fields(form, "12345", name: "Amina \"A\" <b>"));

        Assert.Equal(400, refused.Status);
        Assert.Contains("role=\"alert\"", refused.Html, StringComparison.Ordinal);
        Assert.Contains("aria-invalid=\"true\" aria-describedby=\"phone-wrong\"", refused.Html, StringComparison.Ordinal);
        Assert.Contains("id=\"phone-wrong\"", refused.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"payer@example.com\"", refused.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"Amina &quot;A&quot; &lt;b&gt;\"", refused.Html, StringComparison.Ordinal);
        await StandsAsync(shop, link, "OPEN", "CREATED");
        Assert.Equal(415, (await shop.PostAsync($"/pay/{code}", "{}"u8.ToArray())).Status);
    }

    // A button that is pressed twice, and a browser that sends a form again.
    [Fact]
    public async Task Form_SentTwice_IsOnePayment()
    {
        await using var shop = await StartAsync();
        using var browser = new Browser(shop);
        var (_, code) = await MakeAsync(shop);
        var phone = Shop.NewPhone();
        var fields = Fields(await browser.GetAsync($"/pay/{code}"), phone);

        var sent = await Task.WhenAll(browser.PostAsync($"/pay/{code}", fields), browser.PostAsync($"/pay/{code}", fields));

        Assert.Equal(sent[0].Location, sent[1].Location);
        Assert.Single(World.PayHero.PushesTo(phone));
        Assert.Equal((303, $"/pay/{code}"), ((await browser.PostAsync($"/pay/{code}", Fields(await browser.GetAsync($"/pay/{code}"), Shop.NewPhone()))) is var other ? (other.Status, other.Location) : default));
        var underway = await browser.GetAsync($"/pay/{code}");
        Assert.Contains("<h1>A payment is under way</h1>", underway.Html, StringComparison.Ordinal);
        Assert.Contains(Refresh, underway.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", underway.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Declined_ThePaymentsPageOffersTheFormAgain()
    {
        await using var shop = await StartAsync();
        using var browser = new Browser(shop);
        var (_, code) = await MakeAsync(shop);
        var phone = Shop.NewPhone();
        var sent = await browser.PostAsync($"/pay/{code}", Fields(await browser.GetAsync($"/pay/{code}"), phone));
        var push = Assert.Single(World.PayHero.PushesTo(phone));
        (await shop.CallbackAsync(push, LongPoll.Sandbox.PayHero.PayHeroWire.ShapeA(push, Shop.Cancelled()))).AssertResult("applied");

        var declined = await browser.GetAsync(sent.Location!);

        Assert.Contains("<h1>Payment cancelled</h1>", declined.Html, StringComparison.Ordinal);
        Assert.Contains($"<a class=\"button\" href=\"/pay/{code}\">Try again</a>", declined.Html, StringComparison.Ordinal);
        Assert.Contains("<form", (await browser.GetAsync($"/pay/{code}")).Html, StringComparison.Ordinal);
    }

    // Whoever else has the link sees that it is being paid, and nothing of who pays.
    [Fact]
    public async Task Payment_WithoutItsToken_LeadsToTheLink()
    {
        await using var shop = await StartAsync();
        using var browser = new Browser(shop);
        var (link, code) = await MakeAsync(shop);
        var (_, other) = await MakeAsync(shop);
        var order = await PayAsync(shop, link);
        var stranger = await shop.PlaceAsync();

        Assert.Equal((302, $"/pay/{code}"), await browser.LeadsToAsync($"/pay/{code}/payment/{order.Id}"));
        Assert.Equal((302, $"/pay/{code}"), await browser.LeadsToAsync($"/pay/{code}/payment/{order.Id}?access_token={stranger.Token}"));
        Assert.Equal((302, $"/pay/{other}"), await browser.LeadsToAsync($"/pay/{other}/payment/{order.Id}?access_token={order.Token}"));
        Assert.Equal((302, $"/pay/{code}"), await browser.LeadsToAsync($"/pay/{code}/payment/{stranger.Id}?access_token={stranger.Token}"));
    }

    [Fact]
    public async Task Pages_HaveNothingOfThePayerAndLetNoForeignScriptOrFrameIn()
    {
        await using var shop = await StartAsync();
        using var browser = new Browser(shop);
        var (link, code) = await MakeAsync(shop);
        var order = await PayAsync(shop, link);

        foreach (var path in (string[])[$"/pay/{code}", $"/pay/{code}/payment/{order.Id}?access_token={order.Token}"])
        {
            var page = await browser.GetAsync(path);
            Assert.Equal(200, page.Status);
            Assert.Equal("text/html; charset=utf-8", page.Answer.Header("Content-Type"));
            Assert.All((string[])["Amina", "payer@", order.Phone[^6..], order.Token], secret => Assert.DoesNotContain(secret, page.Html, StringComparison.Ordinal));
            var policy = page.Answer.Header("Content-Security-Policy")!;
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.All(Script().Matches(page.Html), script => Assert.Contains($"script-src 'nonce-{script.Groups["nonce"].Value}'", policy, StringComparison.Ordinal));
            Assert.Equal("no-store", page.Answer.Header("Cache-Control"));
            Assert.Equal("DENY", page.Answer.Header("X-Frame-Options"));
        }
    }

    [Fact]
    public async Task Production_HasThePages_AndTakesBackWhoComesFromAProvidersPage()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await World.StartAsync(
            "Production",
            [
                .. stripe.Settings, ("Orders:ApiKey", ApiKey), ("Security:Key", "security-key-0123456789-0123456789"), ("Admin:Key", "admin-key-0123456789-0123456789-01"),
                ("Jobs:CronSecret", "cron-secret-0123456789-0123456789"), ("PublicUrl", "https://pay.example.com"), ("RateLimits:Public", "1000 / 1 min"),
            ]);
        using var browser = new Browser(shop);
        var body = Body();
        body["provider"] = "stripe";
        var data = Data((await PostAsync(shop, "/payment-links", body, ("X-Api-Key", ApiKey))).AssertStatus(201));
        var code = data.GetProperty("shortCode").GetString();

        var form = await browser.GetAsync($"/pay/{code}");
        var sent = await browser.PostAsync($"/pay/{code}", Fields(form, Shop.NewPhone()));

        var page = await browser.GetAsync(sent.Location!);
        Assert.Matches("<a class=\"button\" href=\"http://[^\"]+\">Go to the payment page</a>", page.Html);
        var orderId = sent.Location!.Split('/')[^1].Split('?')[0];
        Assert.Equal((302, $"/pay/{code}"), await browser.LeadsToAsync($"/payment/{orderId}"));
        (await shop.GetAsync($"/payment/{Guid.CreateVersion7()}")).AssertProblem(404);
    }

    [Fact]
    [Trait("Acceptance", "161")]
    public async Task Pages_HaveALimit()
    {
        await using var shop = await World.StartAsync(("RateLimits:Public", "1 / 1 min"));
        var (_, code) = await MakeAsync(shop);
        (await shop.GetAsync($"/pay/{code}")).AssertStatus(200);

        (await shop.GetAsync($"/pay/{code}")).AssertProblem(429).AssertRetryAfter();
    }

    private Task<Shop> StartAsync() => World.StartAsync(("RateLimits:Public", "1000 / 1 min"));

    private static Dictionary<string, string> Fields(Page form, string phone, string name = "Amina") => new(StringComparer.Ordinal)
    {
        ["phone"] = phone,
        ["email"] = "payer@example.com",
        ["firstName"] = name,
        ["submission"] = Submission().Match(form.Html).Groups["value"].Value,
    };

    [GeneratedRegex("name=\"submission\" value=\"(?<value>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Submission();

    [GeneratedRegex("<script [^>]*nonce=\"(?<nonce>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Script();

    private sealed record Page(Answer Answer)
    {
        public int Status => Answer.Status;

        public string Html => Answer.Text;

        public string? Location => Answer.Header("Location");
    }

    /// <summary>Goes where it is told to by the test alone.</summary>
    private sealed class Browser(Shop shop) : IDisposable
    {
        private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = shop.Node.Address };

        public Task<Page> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

        public Task<Page> PostAsync(string path, Dictionary<string, string> fields) =>
            SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) });

        public async Task<(int Status, string? Location)> LeadsToAsync(string path) => await GetAsync(path) is var page ? (page.Status, page.Location) : default;

        public void Dispose() => _client.Dispose();

        private async Task<Page> SendAsync(HttpRequestMessage request)
        {
            using var response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
            return new Page(new Answer(
                (int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
        }
    }
}
