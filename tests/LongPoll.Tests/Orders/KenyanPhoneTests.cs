using LongPoll.Server.Orders;
using Xunit;

namespace LongPoll.Tests.Orders;

public sealed class KenyanPhoneTests
{
    [Theory]
    [InlineData("0712345938", "254712345938")]
    [InlineData("0112345938", "254112345938")]
    [InlineData("+254712345938", "254712345938")]
    [InlineData("254112345938", "254112345938")]
    [InlineData(" 0712 345-938 ", "254712345938")]
    [InlineData("+254 712 345 938", "254712345938")]
    public void Normalise_AsPeopleTypeIt_IsTheSameNumber(string typed, string number) => Assert.Equal(number, KenyanPhone.Normalise(typed));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("071234593")]
    [InlineData("07123459380")]
    [InlineData("0812345938")]
    [InlineData("0212345938")]
    [InlineData("254812345938")]
    [InlineData("2540712345938")]
    [InlineData("+0712345938")]
    [InlineData("+255712345938")]
    [InlineData("00254712345938")]
    [InlineData("++254712345938")]
    [InlineData("0712345938x")]
    [InlineData("(0712) 345.938")]
    [InlineData("07١٢٣٤٥٩٣٨")]
    [InlineData("0712345938\n0712345938")]
    [InlineData("0712345938                           ")]
    public void Normalise_AnythingElse_IsNone(string? typed) => Assert.Null(KenyanPhone.Normalise(typed));
}
