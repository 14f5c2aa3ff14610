using System.Text.Json;
using System.Text.Json.Serialization;
using LongPoll.LoadTests.Measure;

namespace LongPoll.LoadTests.Report;

/// <summary>Everything that one scenario found out about one subject, for machines and for the report of people.</summary>
internal sealed record RunReport
{
    public required string Scenario { get; init; }

    public required string Subject { get; init; }

    /// <summary>True when everybody was answered as promised.</summary>
    public required bool Passed { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public string? Commit { get; init; }

    public MachineFacts? Machine { get; init; }

    /// <summary>How the run was set up, in words: versions, sizes, rates, limits.</summary>
    public IReadOnlyDictionary<string, string> Setting { get; init; } = new Dictionary<string, string>();

    /// <summary>What runs are compared by.</summary>
    public required IReadOnlyDictionary<string, Figure> Figures { get; init; }

    /// <summary>Latencies by name.</summary>
    public IReadOnlyDictionary<string, Spread> Times { get; init; } = new Dictionary<string, Spread>();

    /// <summary>Endings, statuses and faults: how often each.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Counts { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, int>>();

    public Cost? Cost { get; init; }

    public IReadOnlyList<MemorySample> Memory { get; init; } = [];

    /// <summary>For plots: what happened when.</summary>
    public IReadOnlyList<Series> Series { get; init; } = [];

    /// <summary>Each page that was answered, where that was asked for: a file of its own.</summary>
    [JsonIgnore]
    public IReadOnlyList<AnsweredPage> Pages { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.RunReport) + "\n";

    /// <exception cref="RunImpossibleException">The file is no report of a run.</exception>
    public static RunReport Load(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), ReportJson.Default.RunReport)
                ?? throw new RunImpossibleException($"{file} is empty.");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new RunImpossibleException($"{file} is no report of a run: {e.Message}", e);
        }
    }
}

/// <summary>One number that a run is judged by.</summary>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
/// <param name="MoreIsBetter">Whether the larger one wins.</param>
internal sealed record Figure(double Value, string Unit, bool MoreIsBetter = false);

/// <summary>One page, to be laid beside what the system's own tracers say of the same moment.</summary>
/// <param name="SentAt">Just before the first byte of its callback, in the ticks of the clock: on Linux nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="Took">From there to the last byte of its answer.</param>
internal readonly record struct AnsweredPage(long SentAt, TimeSpan Took);

/// <summary>Values over time.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Unit">Of the values.</param>
/// <param name="Points">Seconds since the beginning, and value.</param>
internal sealed record Series(string Name, string Unit, IReadOnlyList<double[]> Points);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
