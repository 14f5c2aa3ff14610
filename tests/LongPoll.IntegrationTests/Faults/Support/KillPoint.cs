using System.Globalization;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>One message of a piece of work: what it is, and how often the same has gone by, itself included.</summary>
internal sealed record WireStep(string Kind, string Statement, int Time)
{
    private const int Shown = 60;

    public override string ToString()
    {
        var words = string.Join(' ', Statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return string.Create(CultureInfo.InvariantCulture, $"{Kind} {words[..Math.Min(words.Length, Shown)]} #{Time}");
    }
}

/// <summary>
/// Sees the wire messages that belong to one piece of work, over PostgreSQL and Redis together, and kills the server at
/// one of them: before it goes on, or once it was answered but before the answer is seen. The product has no switch for it.
/// </summary>
/// <remarks>
/// A message is known by what it says and not by its number alone: two connections may be overtaken by each other, and the
/// n-th message of one run would be another one in the next.
/// </remarks>
internal sealed class KillPoint(Func<WireMessage, bool> counts)
{
    private readonly Lock _lock = new();
    private readonly List<WireStep> _passed = [];
    private bool _counting;
    private WireStep? _at;
    private bool _after;
    private WireMessage? _awaited;
    private Func<Task>? _kill;
    private bool _fired;
    private TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was counted since the last <see cref="Arm"/>, in order.</summary>
    public IReadOnlyList<WireStep> Passed
    {
        get
        {
            lock (_lock)
            {
                return [.. _passed];
            }
        }
    }

    /// <summary>Counts from here on, and kills at this step.</summary>
    public void Arm(WireStep at, bool after, Func<Task> kill) => Begin(at, after, kill, counting: true);

    /// <summary>Counts from here on, and kills nobody.</summary>
    public void Count() => Begin(at: null, after: false, kill: null, counting: true);

    /// <summary>Counts no more, and lets everything through.</summary>
    public void Rest() => Begin(at: null, after: false, kill: null, counting: false);

    /// <summary>Nobody is killed from here on. False: it has happened, or is happening.</summary>
    public bool Disarm()
    {
        lock (_lock)
        {
            (_at, _awaited) = (null, null);
            return !_fired;
        }
    }

    public void Watch(WireProxy wire)
    {
        wire.Before = async message => await GoesOnAsync(Passing(message));
        wire.After = async message => await GoesOnAsync(Through(message));
    }

    private void Begin(WireStep? at, bool after, Func<Task>? kill, bool counting)
    {
        lock (_lock)
        {
            (_at, _after, _kill, _counting, _awaited, _fired) = (at, after, kill, counting, null, false);
            _dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _passed.Clear();
        }
    }

    // Decided under the lock: who disarms afterwards is told that it is too late.
    private Fate Passing(WireMessage message)
    {
        lock (_lock)
        {
            if (_fired)
            {
                return Fate.Lost;
            }

            if (!_counting || !counts(message))
            {
                return Fate.GoesOn;
            }

            var step = new WireStep(message.Kind, message.Text, 1 + _passed.Count(p => p.Kind == message.Kind && p.Statement == message.Text));
            _passed.Add(step);
            if (step != _at)
            {
                return Fate.GoesOn;
            }

            _awaited = _after ? message : null;
            _fired = !_after;
            return _after ? Fate.GoesOn : Fate.Kills;
        }
    }

    private Fate Through(WireMessage message)
    {
        lock (_lock)
        {
            if (_fired)
            {
                return Fate.Lost;
            }

            _fired = ReferenceEquals(message, _awaited);
            return _fired ? Fate.Kills : Fate.GoesOn;
        }
    }

    private async ValueTask<bool> GoesOnAsync(Fate fate)
    {
        switch (fate)
        {
            case Fate.Kills:
                await _kill!();
                _dead.TrySetResult();
                return false;

            case Fate.Lost:
                // From the kill on nothing goes through: the dead have nothing to say, and hear nothing.
                await _dead.Task;
                return false;

            default:
                return true;
        }
    }

    private enum Fate
    {
        GoesOn,
        Kills,
        Lost,
    }
}
