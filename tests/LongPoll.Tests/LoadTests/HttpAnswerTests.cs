using System.Text;
using LongPoll.LoadTests.Client;
using Xunit;

namespace LongPoll.Tests.LoadTests;

/// <summary>What the load tests' own client makes of bytes from the wire.</summary>
public sealed class HttpAnswerTests
{
    private const string Plain =
        "HTTP/1.1 200 OK\r\nContent-Length: 30\r\nLongPoll-Ending: notified\r\n\r\n{\"paymentStatus\":\"completed\" }";

    private const string Chunked =
        "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n{\"orderId\":\"abc\",\r\n8\r\n\"n\":[1]}\r\n0\r\n\r\n";

    [Fact]
    public void Answer_IsReadWithHeaderAndBody()
    {
        Assert.True(HttpAnswer.TryRead(Encoding.ASCII.GetBytes(Plain), out var answer, out var length));

        Assert.Equal(200, answer.Status);
        Assert.Equal("notified", answer.Header("longpoll-ending"u8));
        Assert.Null(answer.Header("etag"u8));
        Assert.Equal("completed", answer.Text("paymentStatus"u8));
        Assert.Equal(Plain.Length, length);
    }

    [Fact]
    public void Chunks_ArePutTogether()
    {
        Assert.True(HttpAnswer.TryRead(Encoding.ASCII.GetBytes(Chunked), out var answer, out var length));

        Assert.Equal("{\"orderId\":\"abc\",\"n\":[1]}", Encoding.ASCII.GetString(answer.Body));
        Assert.Equal(Chunked.Length, length);
    }

    [Theory]
    [InlineData(Plain)]
    [InlineData(Chunked)]
    public void Fragment_IsNoAnswerUntilItsLastByte(string whole)
    {
        var bytes = Encoding.ASCII.GetBytes(whole);
        for (var arrived = 0; arrived < bytes.Length; arrived++)
        {
            Assert.False(HttpAnswer.TryRead(bytes.AsSpan(0, arrived), out _, out _), $"after {arrived} bytes");
        }

        Assert.True(HttpAnswer.TryRead([.. bytes, .. "HTTP/1.1 "u8], out _, out var length));
        Assert.Equal(bytes.Length, length);
    }

    [Fact]
    public void AnythingElse_IsRefused() =>
        Assert.Throws<InvalidDataException>(() => HttpAnswer.TryRead("SSH-2.0-OpenSSH\r\n\r\n"u8, out _, out _));
}
