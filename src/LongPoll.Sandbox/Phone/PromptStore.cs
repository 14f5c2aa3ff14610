using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Phone;

/// <summary>The newest prompts in memory; the oldest is forgotten when <see cref="SandboxOptions.PromptsKept"/> is reached.</summary>
public sealed class PromptStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Prompt> _byReference = [];
    private readonly Prompt?[] _ring;
    private long _added;

    /// <summary>Makes an empty store.</summary>
    public PromptStore(IOptions<SandboxOptions> options)
    {
        _ring = new Prompt?[options.Value.PromptsKept];
    }

    /// <summary>The prompt with this PayHero reference, or null when there is none or it was forgotten.</summary>
    public Prompt? Find(string reference)
    {
        lock (_gate)
            return _byReference.GetValueOrDefault(reference);
    }

    /// <summary>The newest prompts that <paramref name="which"/> accepts, newest first.</summary>
    public IReadOnlyList<Prompt> Newest(int limit, Predicate<Prompt>? which = null)
    {
        List<Prompt> found = [];
        lock (_gate)
        {
            long oldest = Math.Max(0, _added - _ring.Length);
            for (long i = _added - 1; i >= oldest && found.Count < limit; i--)
            {
                Prompt prompt = _ring[i % _ring.Length]!;
                if (which is null || which(prompt))
                    found.Add(prompt);
            }
        }

        return found;
    }

    internal void Add(Prompt prompt)
    {
        lock (_gate)
        {
            ref Prompt? slot = ref _ring[_added % _ring.Length];
            if (slot is not null)
                _byReference.Remove(slot.Push.Reference);
            slot = prompt;
            _byReference.Add(prompt.Push.Reference, prompt);
            _added++;
        }
    }
}
