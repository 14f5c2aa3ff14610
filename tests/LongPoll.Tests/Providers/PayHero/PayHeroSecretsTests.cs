using LongPoll.Server.Providers.PayHero;
using Xunit;

namespace LongPoll.Tests.Providers.PayHero;

/// <summary>The secrets in callback addresses: which of them open what.</summary>
public sealed class PayHeroSecretsTests
{
    private static readonly Guid Attempt = Guid.Parse("0194e0a0-1111-7222-8333-444455556666");
    private readonly PayHeroSecrets _secrets = new(["first-secret", "second-secret"]);

    [Fact]
    public void Accept_TheTokenOfAnAttempt_IsGoodForThatAttemptAlone()
    {
        Assert.True(_secrets.Accept(_secrets.For(Attempt), out var attemptId));
        Assert.Equal(Attempt, attemptId);
    }

    [Theory]
    [InlineData("first-secret")]
    [InlineData("second-secret")]
    public void Accept_APlainToken_IsGoodForAny(string token)
    {
        Assert.True(_secrets.Accept(token, out var attemptId));
        Assert.Null(attemptId);
    }

    [Fact]
    public void Accept_AnotherAttemptsIdUnderThisSignature_IsRefused()
    {
        var mine = Bytes(_secrets.For(Attempt));
        var other = Bytes(_secrets.For(Guid.NewGuid()));

        Assert.False(_secrets.Accept(Text([.. other[..16], .. mine[16..]]), out var attemptId));
        Assert.Null(attemptId);
    }

    [Fact]
    public void Accept_AnyByteChanged_IsRefused()
    {
        for (var i = 0; i < 32; i++)
        {
            var bytes = Bytes(_secrets.For(Attempt));
            bytes[i] ^= 1;

            Assert.False(_secrets.Accept(Text(bytes), out var attemptId));
            Assert.Null(attemptId);
        }
    }

    [Fact]
    public void Accept_AnyCharacterChanged_IsRefused()
    {
        var token = _secrets.For(Attempt);
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var letter in "AQgw_-z9")
            {
                if (token[i] != letter)
                {
                    Assert.False(_secrets.Accept(token[..i] + letter + token[(i + 1)..], out _), $"{i}: {letter}");
                }
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("first-secre")]
    [InlineData("first-secret ")]
    [InlineData("FIRST-SECRET")]
    [InlineData("first-secret,second-secret")]
    [InlineData("not base64 at all !!")]
    [InlineData("%00")]
    [InlineData("ключ")]
    public void Accept_SomethingElse_IsRefused(string? token) => Assert.False(_secrets.Accept(token, out _));

    [Fact]
    public void Accept_ATokenThatIsLongerOrShorter_IsRefused()
    {
        var token = _secrets.For(Attempt);
        var bytes = Bytes(token);

        Assert.False(_secrets.Accept(token[..^1], out _));
        Assert.False(_secrets.Accept(token + "A", out _));
        Assert.False(_secrets.Accept(Text(bytes[..31]), out _));
        Assert.False(_secrets.Accept(Text([.. bytes, 0]), out _));
        Assert.False(_secrets.Accept(Text(bytes[..16]), out _));
    }

    [Fact]
    public void Rotation_TheOldSecretIsAcceptedUntilItIsTakenAway_AndTheFirstIsUsed()
    {
        var before = new PayHeroSecrets(["old-secret"]).For(Attempt);
        var during = new PayHeroSecrets(["new-secret", "old-secret"]);
        var after = new PayHeroSecrets(["new-secret"]);

        Assert.True(during.Accept(before, out _));
        Assert.True(after.Accept(during.For(Attempt), out _));
        Assert.False(after.Accept(before, out _));
        Assert.False(after.Accept("old-secret", out _));
    }

    [Fact]
    public void Accept_NoSecretConfigured_OpensNothing()
    {
        var none = new PayHeroSecrets([]);

        Assert.False(none.Accept(_secrets.For(Attempt), out _));
        Assert.False(none.Accept("first-secret", out _));
    }

    private static byte[] Bytes(string token) => System.Buffers.Text.Base64Url.DecodeFromChars(token);

    private static string Text(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
