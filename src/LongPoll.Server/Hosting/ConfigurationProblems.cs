using System.Globalization;

namespace LongPoll.Server.Hosting;

/// <summary>What is wrong with the configuration: one line for each problem, which names its key.</summary>
internal sealed class ConfigurationProblems
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string line) => _lines.Add(line);

    /// <summary>The section as options; as its defaults, when a value has the wrong type.</summary>
    public T Bind<T>(IConfiguration configuration, string section)
        where T : new()
    {
        try
        {
            return configuration.GetSection(section).Get<T>() ?? new T();
        }
        catch (InvalidOperationException e)
        {
            // "Failed to convert configuration value 'x' at 'LongPoll:Hold' to type 'System.TimeSpan'."
            Add(e.Message);
            return new T();
        }
    }

    public void Between(TimeSpan value, TimeSpan least, TimeSpan most, string key)
    {
        if (value < least || value > most)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"{key} is {value} but must be {least} to {most} (hours:minutes:seconds)."));
        }
    }

    public void AtLeastOne(int value, string key)
    {
        if (value < 1)
        {
            Add($"{key} must be at least 1.");
        }
    }

    public void Address(IConfiguration configuration, string key)
    {
        if (configuration[key] is { Length: > 0 } text && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            Add($"{key} must be an absolute http or https address.");
        }
    }

    /// <summary>A value that goes into a header of a request.</summary>
    public void OneLine(IConfiguration configuration, string key)
    {
        if (configuration[key]?.Any(char.IsControl) == true)
        {
            Add($"{key} must be one line.");
        }
    }

    /// <summary>A key that others need.</summary>
    public void Required(IConfiguration configuration, string key, string why)
    {
        if (string.IsNullOrWhiteSpace(configuration[key]))
        {
            Add($"{key} is required {why}");
        }
    }
}
