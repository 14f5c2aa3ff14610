using LongPoll.Server.Http;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>One order has one spelling, in small letters or in large ones.</summary>
public sealed class OrderIdTests
{
    [Theory]
    [InlineData("01890000-0000-7000-8000-00000000002a")]
    [InlineData("01890000-0000-7000-8000-00000000002A")]
    public void TryParse_Uuid_IsTheOrder(string text)
    {
        Assert.True(OrderId.TryParse(text, null, out var id));
        Assert.Equal(new Guid("01890000-0000-7000-8000-00000000002a"), id.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("0189000000007000800000000000002a")]
    [InlineData("{01890000-0000-7000-8000-00000000002a}")]
    [InlineData("(01890000-0000-7000-8000-00000000002a)")]
    [InlineData("urn:uuid:01890000-0000-7000-8000-00000000002a")]
    [InlineData(" 01890000-0000-7000-8000-00000000002a")]
    [InlineData("01890000-0000-7000-8000-00000000002a ")]
    [InlineData("01890000-0000-7000-8000-00000000002a\n")]
    [InlineData("01890000-0000-7000-8000-00000000002g")]
    [InlineData("01890000-0000-7000-8000-0000000002a")]
    [InlineData("01890000-0000-7000-8000-000000000002a")]
    [InlineData("01890000_0000_7000_8000_00000000002a")]
    [InlineData("+1890000-0000-7000-8000-00000000002a")]
    [InlineData("0x890000-0000-7000-8000-00000000002a")]
    [InlineData("01890000-+000-7000-8000-00000000002a")]
    [InlineData("01890000-0000-7000-8000-00000000002а")]
    public void TryParse_AnyOtherSpelling_IsNone(string? text)
    {
        Assert.False(OrderId.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => OrderId.Parse(text!, null));
    }
}
