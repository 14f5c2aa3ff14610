using LongPoll.Server.Hosting;

namespace LongPoll.Server.Jobs;

/// <summary>One job as it is known before anything is configured.</summary>
/// <param name="Name">Its name in addresses and in the configuration.</param>
/// <param name="Description">What it does, for people.</param>
/// <param name="Schedule">When it runs by itself: a cron expression of five fields, in UTC, or <see cref="JobPlans.Never"/>.</param>
internal sealed record JobPlan(string Name, string Description, string Schedule);

/// <summary>
/// Which jobs there are, and sections <c>Jobs:&lt;name&gt;</c>: <c>Schedule</c>, when a job runs by itself, and <c>Enabled</c>, whether it
/// runs at all. A job that is not planned has no ticks. A shell cannot export a name with a hyphen, so <c>Jobs__expired_links__Schedule</c> is understood too.
/// </summary>
internal sealed class JobPlans(IConfiguration configuration)
{
    /// <summary>A schedule without a tick: the job runs when somebody asks for it.</summary>
    public const string Never = "none";

    public static readonly IReadOnlyList<JobPlan> All =
    [
        new("expired-links", "lets open payment links expire whose time is over", "*/5 * * * *"),
        new("stuck-payments", "tells of payment links whose payment hangs", "*/15 * * * *"),

        // Its loop asks every second anyway: a tick would find nothing to do, and its history would say nothing.
        new("reconcile", "asks providers about attempts that went silent", Never),
    ];

    /// <summary>False where a job is switched off: neither the schedule nor anybody else can run it.</summary>
    public bool IsEnabled(string name) => Setting(configuration, name, "Enabled") is not { } text || bool.Parse(text);

    /// <summary>When it runs by itself; null for never.</summary>
    public CronSchedule? ScheduleOf(string name) => TextOf(configuration, Plan(name)) is var text && text != Never ? CronSchedule.Parse(text, out _) : null;

    /// <summary>What it does, for people.</summary>
    public static string DescriptionOf(string name) => Plan(name).Description;

    /// <summary>Finds what cannot be started with: jobs that do not exist, and values that cannot be read.</summary>
    public static void Check(IConfiguration configuration, ConfigurationProblems problems)
    {
        foreach (var section in configuration.GetSection("Jobs").GetChildren().Where(s => s.GetChildren().Any() && All.All(p => !Same(p.Name, s.Key))))
        {
            problems.Add($"{section.Path}: there is no such job; there are {string.Join(", ", All.Select(p => p.Name))}.");
        }

        foreach (var plan in All)
        {
            if (Setting(configuration, plan.Name, "Enabled") is { } enabled && !bool.TryParse(enabled, out _))
            {
                problems.Add($"Jobs:{plan.Name}:Enabled must be true or false.");
            }

            if (TextOf(configuration, plan) is var text && text != Never && CronSchedule.Parse(text, out var problem) is null)
            {
                problems.Add($"Jobs:{plan.Name}:Schedule: {text} {problem}.");
            }
        }
    }

    private static JobPlan Plan(string name) => All.FirstOrDefault(p => p.Name == name) ?? new JobPlan(name, name, Never);

    private static string TextOf(IConfiguration configuration, JobPlan plan) => Setting(configuration, plan.Name, "Schedule")?.Trim() ?? plan.Schedule;

    private static string? Setting(IConfiguration configuration, string name, string key) =>
        configuration[$"Jobs:{name}:{key}"] is { Length: > 0 } value ? value
        : configuration[$"Jobs:{Underscored(name)}:{key}"] is { Length: > 0 } exported ? exported
        : null;

    private static bool Same(string name, string key) =>
        name.Equals(key, StringComparison.OrdinalIgnoreCase) || Underscored(name).Equals(key, StringComparison.OrdinalIgnoreCase);

    private static string Underscored(string name) => name.Replace('-', '_');
}
