using System.Globalization;

namespace LongPoll.LoadTests;

/// <summary>What was asked for on the command line.</summary>
internal sealed record LoadSettings
{
    public required string Scenario { get; init; }

    public Uri Target { get; init; } = new("http://127.0.0.1:5080");

    public Uri Listen { get; init; } = new("http://127.0.0.1:5099");

    public int Waiters { get; init; } = 1000;

    public double Rate { get; init; } = 200;

    public bool Slope { get; init; }

    public int WarmUp { get; init; } = 200;

    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    public string? ApiKey { get; init; }

    public int? Pid { get; init; }

    public string? Server { get; init; }

    public string? CallbackToken { get; init; }

    public string? Out { get; init; }

    /// <summary>Everybody who is parked at the end.</summary>
    public int ParkedInTheEnd => Slope ? 3 * Waiters : Waiters;

    public static LoadSettings Parse(string[] args)
    {
        LoadSettings settings = new() { Scenario = args[0] };
        for (int i = 1; i < args.Length; i++)
        {
            string name = args[i];
            if (name == "--slope")
            {
                settings = settings with { Slope = true };
                continue;
            }

            string value = i + 1 < args.Length ? args[++i] : throw new RunImpossibleException($"{name} needs a value.");
            settings = name switch
            {
                "--target" => settings with { Target = Address(name, value) },
                "--listen" => settings with { Listen = Address(name, value) },
                "--waiters" => settings with { Waiters = (int)Number(name, value, 1, 1_000_000) },
                "--rate" => settings with { Rate = Number(name, value, 0.1, 1_000_000) },
                "--warm-up" => settings with { WarmUp = (int)Number(name, value, 0, 1_000_000) },
                "--settle" => settings with { Settle = TimeSpan.FromSeconds(Number(name, value, 0, 60)) },
                "--pid" => settings with { Pid = (int)Number(name, value, 1, int.MaxValue) },
                "--api-key" => settings with { ApiKey = value },
                "--server" => settings with { Server = value },
                "--callback-token" => settings with { CallbackToken = value },
                "--out" => settings with { Out = value },
                _ => throw new RunImpossibleException($"There is no option {name}; --help lists them."),
            };
        }

        return settings;
    }

    private static Uri Address(string name, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out Uri? address) && address.Scheme == "http"
            ? address
            : throw new RunImpossibleException($"{name} must be an http:// address, not '{value}'.");

    private static double Number(string name, string value, double least, double most) =>
        double.TryParse(value, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most
            ? number
            : throw new RunImpossibleException(FormattableString.Invariant($"{name} must be {least} to {most}, not '{value}'."));
}
