namespace LongPoll.Server.Bus;

/// <summary>Whether a bus carries messages, as far as its probe has been heard. Losses are told from any thread, what was heard from one.</summary>
internal sealed class Reliability
{
    private readonly Lock _gate = new();
    private volatile bool _holds;

    // A probe was heard since the last loss. At the start there is nothing that could be subscribed too late.
    private bool _heardOnce = true;

    public bool Holds => _holds;

    /// <summary>
    /// The probe was heard; true when the bus is believed from now on. Heard once after a loss is not enough: the probe's own
    /// channel may have been subscribed again a moment before the others.
    /// </summary>
    /// <param name="lookOnce">Called before the bus is believed, so that whoever sweeps in that moment looks as well.</param>
    public bool Heard(Action lookOnce)
    {
        // A loss that is told meanwhile is not forgotten: it comes before, or it comes after.
        lock (_gate)
        {
            if (_holds || !_heardOnce)
            {
                _heardOnce = true;
                return false;
            }

            lookOnce();
            return _holds = true;
        }
    }

    /// <summary>The probe was not heard, or the connection broke; true when the bus was believed until now.</summary>
    public bool Lost()
    {
        lock (_gate)
        {
            var held = _holds;
            _holds = _heardOnce = false;
            return held;
        }
    }
}
