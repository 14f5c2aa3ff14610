using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Stack;

namespace LongPoll.LoadTests;

/// <summary>What was asked for on the command line.</summary>
internal sealed record LoadSettings
{
    /// <summary>What to start; null measures what runs at <see cref="Targets"/>.</summary>
    public string? Start { get; init; }

    /// <summary>Nodes that run already.</summary>
    public IReadOnlyList<Uri> Targets { get; init; } = [new("http://127.0.0.1:5080")];

    /// <summary>How <see cref="Targets"/> is spoken to.</summary>
    public string Adapter { get; init; } = "ours";

    /// <summary>Where the pretend provider listens; null takes a free port.</summary>
    public Uri? Listen { get; init; }

    /// <summary>Nodes to start.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>LongPoll.Server.dll to start; of several, the first node runs the first, the second the second, and so on.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [LongPollNodes.DefaultProgram];

    public string? ApiKey { get; init; }

    /// <summary>Server processes at <see cref="Targets"/>.</summary>
    public IReadOnlyList<int> Pids { get; init; } = [];

    /// <summary>PostgreSQL behind <see cref="Targets"/>, to count its statements.</summary>
    public string? Postgres { get; init; }

    /// <summary>Pages that wait at once; null takes the scenario's own number.</summary>
    public int? Waiters { get; init; }

    /// <summary>Pages that wait for one order in fan-out.</summary>
    public int FanOut { get; init; } = 1000;

    /// <summary>Callbacks a second where they are paced.</summary>
    public double Rate { get; init; } = 200;

    /// <summary>How often flood and fan-out are repeated; null takes the scenario's own number.</summary>
    public int? Rounds { get; init; }

    /// <summary>Payments that are made first and not measured.</summary>
    public int WarmUp { get; init; } = 2000;

    /// <summary>How long days and soaks take orders, and storms callbacks; null takes the scenario's own time.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How many times faster than in life the buyers of days and soaks are.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Full collections that are forced before memory is read.</summary>
    public int Collections { get; init; } = ForcedCollection.Enough;

    /// <summary>Whether days begin by measuring what belongs to creating and asking, so that it can be told apart; it takes a minute.</summary>
    public bool SplitsStatements { get; init; } = true;

    /// <summary>Whether each page is written down, and not only what many have in common.</summary>
    public bool EveryPage { get; init; }

    /// <summary>Folder for reports; null writes none.</summary>
    public string? Out { get; init; }
}
