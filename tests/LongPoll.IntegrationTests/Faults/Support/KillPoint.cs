using System.Globalization;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>
/// Counts the wire messages that belong to one piece of work, over PostgreSQL and Redis together, and kills the server at
/// one of them: before it goes on, or after it was answered but before the answer is seen. The product has no switch for it.
/// </summary>
internal sealed class KillPoint(Func<WireMessage, bool> counts)
{
    private readonly Lock _lock = new();
    private readonly List<string> _passed = [];
    private Func<Task>? _kill;
    private int _count;
    private int _at;
    private bool _after;
    private bool _fired;
    private TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was counted since the last <see cref="Arm"/>, in order.</summary>
    public IReadOnlyList<string> Passed
    {
        get
        {
            lock (_lock)
            {
                return [.. _passed];
            }
        }
    }

    public bool Fired => Volatile.Read(ref _fired);

    /// <summary>Counts from here on, and kills at message <paramref name="at"/>; none at 0.</summary>
    public void Arm(int at, bool after, Func<Task>? kill)
    {
        lock (_lock)
        {
            (_at, _after, _kill, _count, _fired) = (at, after, kill, 0, false);
            _dead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _passed.Clear();
        }
    }

    /// <summary>Nobody is killed from here on. False: it has happened, or is happening.</summary>
    public bool Disarm()
    {
        lock (_lock)
        {
            _at = 0;
            return !_fired;
        }
    }

    public void Watch(WireProxy wire)
    {
        // From the kill on nothing goes through: the dead have nothing to say, and what is on its way is lost.
        wire.Before = async message =>
        {
            if (Fired)
            {
                await _dead.Task;
                return false;
            }

            return !counts(message) || !Reached(message) || _after || await FireAsync();
        };
        wire.WantsAnswer = message => _after && !Fired && counts(message) && _at > 0 && _count == _at;
        wire.After = async _ => await FireAsync();
    }

    private bool Reached(WireMessage message)
    {
        lock (_lock)
        {
            _count++;
            var statement = message.Text.AsSpan().Trim();
            _passed.Add(string.Create(CultureInfo.InvariantCulture, $"{message.Kind} {statement[..Math.Min(statement.Length, 40)].ToString().ReplaceLineEndings(" ")}"));
            if (_count != _at)
            {
                return false;
            }

            // Decided under the lock: who disarms afterwards is told that it is too late.
            _fired = !_after;
            return true;
        }
    }

    private async Task<bool> FireAsync()
    {
        lock (_lock)
        {
            if (_at == 0)
            {
                return true;
            }

            _fired = true;
        }

        await _kill!();
        _dead.TrySetResult();
        return false;
    }
}
