using System.Security.Cryptography;
using System.Text;

namespace LongPoll.Server.Payments;

/// <summary>
/// The reference a buyer reads out at the door. It follows from the provider's transaction id, so that whoever
/// asks for the same transaction, on whichever node and however often, gets the same reference.
/// </summary>
internal static class BookingReference
{
    public static string For(string provider, string transactionId)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(provider + ":" + transactionId));
        return "BK-" + Codes.Text(digest, length: 10);
    }
}

/// <summary>Codes for people: no letters or digits that look alike (no I, L, O, U).</summary>
internal static class Codes
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>Five bits of each byte: 32 to the power of <paramref name="length"/> codes.</summary>
    public static string Text(ReadOnlySpan<byte> bytes, int length)
    {
        Span<char> text = stackalloc char[length];
        for (var i = 0; i < length; i++)
        {
            text[i] = Alphabet[bytes[i] & 31];
        }

        return new string(text);
    }

    public static string Random(int length) => Text(RandomNumberGenerator.GetBytes(length), length);
}
