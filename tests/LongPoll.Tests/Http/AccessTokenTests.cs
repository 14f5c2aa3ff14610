using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The key to one order: what it looks like, and what opens nothing.</summary>
public sealed class AccessTokenTests
{
    private static readonly Guid Order = new("018f0000-0000-7000-8000-00000000002a");

    private readonly AccessTokens _tokens = TokensUnder("security-key-0123456789-0123456789");

    private string Token => _tokens.For(Order);

    [Fact]
    public void For_AnOrder_IsTheSameAlwaysAndFitsIntoAnAddress()
    {
        Assert.Equal(43, Token.Length);
        Assert.All(Token, c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '-' or '_', Token));
        Assert.Equal(Token, TokensUnder("security-key-0123456789-0123456789").For(Order));
    }

    [Fact]
    public void For_AnotherOrderOrKey_IsAnother()
    {
        Assert.NotEqual(Token, _tokens.For(new Guid("018f0000-0000-7000-8000-00000000002b")));
        Assert.NotEqual(Token, TokensUnder("security-key-0123456789-012345678A").For(Order));
        Assert.False(_tokens.Opens(Request("Bearer " + TokensUnder("another-key-0123456789-0123456789-0").For(Order)), Order));
        Assert.False(_tokens.Opens(Request("Bearer " + Token), new Guid("018f0000-0000-7000-8000-00000000002b")));
    }

    [Theory]
    [InlineData("Bearer {token}")]
    [InlineData("bearer {token}")]
    [InlineData("BEARER {token}")]
    [InlineData("Bearer   {token}  ")]
    public void Opens_Header(string header) => Assert.True(_tokens.Opens(Request(header.Replace("{token}", Token, StringComparison.Ordinal)), Order));

    [Fact]
    public void Opens_Query()
    {
        Assert.True(_tokens.Opens(Request(header: null, Token), Order));
        Assert.False(_tokens.Opens(Request(header: null, ""), Order));
        Assert.False(_tokens.Opens(Request(header: null, query: null), Order));
    }

    [Fact]
    public void Opens_WrongHeaderAndRightQuery_DoesNot() => Assert.False(_tokens.Opens(Request("Bearer nonsense", Token), Order));

    // Whatever place the difference has, and whatever length: a comparison that stops early would tell.
    [Fact]
    public void Opens_AnyOtherText_DoesNot()
    {
        var token = Token;
        for (var i = 0; i < token.Length; i++)
        {
            Assert.False(_tokens.Opens(Request("Bearer " + token[..i]), Order));
            Assert.False(_tokens.Opens(Request("Bearer " + token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..]), Order));
        }

        foreach (var other in (string[])["", " ", token + "A", token + "=", token + token, "A" + token, token.ToUpperInvariant(), token + "\u00e9", Order.ToString(), "null"])
        {
            Assert.False(_tokens.Opens(Request("Bearer " + other), Order), other);
        }
    }

    [Theory]
    [InlineData("Basic {token}")]
    [InlineData("Bearer{token}")]
    [InlineData("{token}")]
    [InlineData("Bearer")]
    [InlineData("")]
    public void Opens_HeaderOfAnotherKind_DoesNot(string header) =>
        Assert.False(_tokens.Opens(Request(header.Replace("{token}", Token, StringComparison.Ordinal)), Order));

    [Theory]
    [InlineData("key-of-the-shop", "key-of-the-shop", true)]
    [InlineData("key-of-the-sho", "key-of-the-shop", false)]
    [InlineData("key-of-the-shops", "key-of-the-shop", false)]
    [InlineData("Key-of-the-shop", "key-of-the-shop", false)]
    [InlineData("key-of-the-shop ", "key-of-the-shop", false)]
    [InlineData("", "key-of-the-shop", false)]
    public void Keys_Equal(string given, string key, bool equal) => Assert.Equal(equal, Keys.Equal(given, key));

    private static AccessTokens TokensUnder(string key) => new(Options.Create(new SecurityOptions { Key = key }));

    private static HttpRequest Request(string? header, string? query = null)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = header;
        http.Features.Set(new RequestSecrets(CallbackToken: null, query));
        return http.Request;
    }
}
