using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Fulfilment;

/// <summary>Which ticket a genuine code names.</summary>
internal readonly record struct TicketName(Guid OrderId, int Number);

/// <summary>
/// The code in a ticket's QR: which ticket it is, and a signature (HMAC-SHA-256 under <c>Security:Key</c>, cut to 120 bits) over
/// that. It follows from order and number, so nothing is stored, every mail and page shows the same, and whoever has the key can
/// tell a genuine code without a database. Base 32 in capitals: QR has a short form for those.
/// </summary>
internal sealed class TicketCodes(IOptions<SecurityOptions> options)
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int NameLength = 17;
    private const int SignatureLength = 15;
    private const int CodeLength = ((NameLength + SignatureLength) * 8 + 4) / 5;

    private readonly byte[] _key = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Value.Key!), "ticket-codes"u8);

    public string For(Guid orderId, int number)
    {
        Span<byte> bytes = stackalloc byte[NameLength + SignatureLength];
        orderId.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[16] = checked((byte)number);
        Sign(bytes[..NameLength], bytes[NameLength..]);
        return Encode(bytes);
    }

    /// <summary>False for every code that was not made here, character by character.</summary>
    public bool TryRead([NotNullWhen(true)] string? code, out TicketName name)
    {
        name = default;
        Span<byte> bytes = stackalloc byte[NameLength + SignatureLength];
        if (code is not { Length: CodeLength } || !TryDecode(code, bytes))
        {
            return false;
        }

        Span<byte> signature = stackalloc byte[SignatureLength];
        Sign(bytes[..NameLength], signature);
        name = new TicketName(new Guid(bytes[..16], bigEndian: true), bytes[16]);
        return CryptographicOperations.FixedTimeEquals(signature, bytes[NameLength..]);
    }

    private void Sign(ReadOnlySpan<byte> name, Span<byte> signature)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, name, mac);
        mac[..SignatureLength].CopyTo(signature);
    }

    private static string Encode(ReadOnlySpan<byte> bytes)
    {
        var code = new StringBuilder(CodeLength);
        var (bits, count) = (0, 0);
        foreach (var one in bytes)
        {
            (bits, count) = ((bits << 8) | one, count + 8);
            while (count >= 5)
            {
                count -= 5;
                code.Append(Alphabet[(bits >> count) & 31]);
            }
        }

        return code.Append(Alphabet[(bits << (5 - count)) & 31]).ToString();
    }

    private static bool TryDecode(string code, Span<byte> bytes)
    {
        var (bits, count, at) = (0, 0, 0);
        foreach (var one in code)
        {
            var value = Alphabet.IndexOf(one, StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            (bits, count) = ((bits << 5) | value, count + 5);
            if (count >= 8 && at < bytes.Length)
            {
                count -= 8;
                bytes[at++] = (byte)(bits >> count);
            }
        }

        // The last character has bits to spare: one code for one ticket, so they are nought.
        return at == bytes.Length && (bits & ((1 << count) - 1)) == 0;
    }
}
