namespace LongPoll.Sandbox;

/// <summary>
/// Codes that look random and never repeat: a fixed stride through all codes of a length. Random ones would not do:
/// among 100,000 receipts of seven free characters two are alike once in sixteen runs, and a repeated receipt is
/// a duplicate payment to whoever reads it.
/// </summary>
internal sealed class CodeSequence
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private readonly int _length;
    private readonly ulong _count;
    private readonly ulong _start;
    private readonly ulong _stride;
    private long _taken;

    public CodeSequence(int length)
    {
        _length = length;
        _count = 1;
        for (int i = 0; i < length; i++)
            _count *= (ulong)Alphabet.Length;

        // Two runs against one database must not hand out the same codes, hence the random start.
        _start = (ulong)Random.Shared.NextInt64((long)_count);

        // The golden ratio keeps neighbours far apart. Odd and no multiple of three, the stride shares no factor with a
        // power of 36 and so visits every code once.
        _stride = (ulong)(_count * 0.6180339887) | 1;
        while (_stride % 3 == 0)
            _stride += 2;
    }

    public string Next()
    {
        UInt128 step = (UInt128)(ulong)Interlocked.Increment(ref _taken) * _stride;
        ulong code = (ulong)((step + _start) % _count);
        return string.Create(_length, code, static (text, rest) =>
        {
            for (int i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(rest % (ulong)Alphabet.Length)];
                rest /= (ulong)Alphabet.Length;
            }
        });
    }
}
