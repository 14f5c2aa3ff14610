using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace LongPoll.Tests.Tickets;

/// <summary>
/// A mail server that speaks SMTP (RFC 5321) as far as a client needs it, and keeps what it took. With a certificate it offers
/// STARTTLS (RFC 3207) and takes nothing without.
/// </summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<ReceivedMail> _mails = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;

    private MailServer(X509Certificate2? certificate)
    {
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every mail that was answered with 250, in that order.</summary>
    public IReadOnlyCollection<ReceivedMail> Mails => _mails;

    /// <summary>Recipients for whom this is true are refused for good.</summary>
    public Predicate<string>? Refuses { get; set; }

    /// <summary>Is asked before a mail is taken; the answer 250, or a refusal for now such as <c>451 later</c>.</summary>
    public Func<ReceivedMail, Task<string>>? Taking { get; set; }

    /// <summary>Runs when the client must have read the 250 of a mail.</summary>
    public Func<ReceivedMail, Task>? Taken { get; set; }

    /// <summary>Says nothing at all to new connections.</summary>
    public bool Silent { get; set; }

    public static MailServer Start(X509Certificate2? certificate = null) => new(certificate);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = TalkAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                if (Silent)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _end.Token);
                }

                await ServeAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // A client that went away, or was killed.
        }
    }

    private async Task ServeAsync(Stream stream)
    {
        var (reader, secure) = (new Lines(stream), false);
        var recipients = 0;
        await SayAsync(stream, "220 test");
        while (await reader.ReadAsync(_end.Token) is { } line)
        {
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO" or "HELO":
                    await SayAsync(stream, _certificate is not null && !secure ? "250-test\r\n250 STARTTLS" : "250-test\r\n250 8BITMIME");
                    break;
                case "STARTTLS" when _certificate is not null:
                    await SayAsync(stream, "220 go ahead");
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(_certificate);
                    (stream, reader, secure) = (tls, new Lines(tls), true);
                    break;
                case "MAIL" when _certificate is not null && !secure:
                    await SayAsync(stream, "530 Must issue a STARTTLS command first");
                    break;
                case "RCPT" when Refuses?.Invoke(line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)]) == true:
                    await SayAsync(stream, "550 no such mailbox");
                    break;
                case "MAIL":
                    recipients = 0;
                    await SayAsync(stream, "250 ok");
                    break;
                case "RCPT":
                    recipients++;
                    await SayAsync(stream, "250 ok");
                    break;
                case "DATA" when recipients == 0:
                    await SayAsync(stream, "503 no recipient");
                    break;
                case "DATA":
                    await TakeAsync(stream, reader);
                    break;
                case "QUIT":
                    await SayAsync(stream, "221 bye");
                    return;
                default:
                    await SayAsync(stream, verb is "RSET" or "NOOP" ? "250 ok" : "502 unknown");
                    break;
            }
        }
    }

    private async Task TakeAsync(Stream stream, Lines reader)
    {
        await SayAsync(stream, "354 go on");
        var raw = new StringBuilder();
        while (await reader.ReadAsync(_end.Token) is var line && line != ".")
        {
            if (line is null)
            {
                // Half a mail is none.
                return;
            }

            raw.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        var mail = new ReceivedMail(raw.ToString());
        var answer = Taking is null ? "250 taken" : await Taking(mail);
        if (answer.StartsWith("250", StringComparison.Ordinal))
        {
            _mails.Enqueue(mail);
        }

        await SayAsync(stream, answer);
        if (Taken is { } taken)
        {
            await taken(mail);
        }
    }

    private Task SayAsync(Stream stream, string line) => stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _end.Token).AsTask();

    /// <summary>Lines by CR LF, read no further than needed: after STARTTLS other bytes come.</summary>
    private sealed class Lines(Stream stream)
    {
        private readonly byte[] _buffer = new byte[8192];
        private int _at;
        private int _end;

        public async Task<string?> ReadAsync(CancellationToken cancel)
        {
            var line = new List<byte>();
            while (true)
            {
                if (_at == _end)
                {
                    (_at, _end) = (0, await stream.ReadAsync(_buffer, cancel));
                    if (_end == 0)
                    {
                        return null;
                    }
                }

                var one = _buffer[_at++];
                if (one == '\n')
                {
                    return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                }

                line.Add(one);
            }
        }
    }
}
