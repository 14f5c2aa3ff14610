using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LongPoll.LoadTests.Measure;

/// <summary>How many commands Redis has processed so far.</summary>
internal sealed class RedisProbe(IPEndPoint redis)
{
    public async Task<long> CommandsAsync(CancellationToken cancel)
    {
        const string Name = "total_commands_processed:";
        using TcpClient client = new();
        await client.ConnectAsync(redis, cancel);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync("INFO stats\r\n"u8.ToArray(), cancel);
        using StreamReader reader = new(stream, Encoding.ASCII);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.StartsWith(Name, StringComparison.Ordinal))
                return long.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
        }

        throw new RunImpossibleException($"Redis at {redis} hung up.");
    }
}
