using System.Globalization;

namespace LongPoll.Sandbox.Verdict;

/// <summary>The command line of a verdict run.</summary>
internal sealed record VerdictOptions
{
    public const string Usage = """
        verdict --target URL[,URL…] [--seed N] [--orders M] [--quick] [--providers P[,P…]] [--listen URL] [--api-key K] [--admin-key K] [--json FILE]

        Plays a whole day against a running server and ends with a table of invariants; exit code 0 when all hold, 1 when one
        is broken, 2 when the run itself could not be made.

          --target     the server, or its nodes with commas between; requests go round
          --seed       which day: the same number gives the same buyers and the same faults (default 1)
          --orders     how many orders (default 1000, with --quick 150)
          --quick      shorter pauses, one to three minutes in all
          --providers  who takes the money, turn about (default payhero; others are stripe and phonepe)
          --listen     where the pretend providers of this run listen (default http://127.0.0.1:5090);
                       start the server with PayHero__BaseUrl=<listen>/sandbox/payhero, and for the others with
                       Stripe__BaseUrl=<listen>/sandbox/stripe, Stripe__SecretKey=sk_test_verdict, Stripe__WebhookSecret=whsec_sandbox,
                       PhonePe__BaseUrl=<listen>/sandbox/phonepe, PhonePe__MerchantId=VERDICT, PhonePe__SaltKey=sandbox-salt-key,
                       PhonePe__WebhookUser=sandbox, PhonePe__WebhookPassword=sandbox-password
          --api-key    the server's Orders:ApiKey; without it the rate limits stop the run
          --admin-key  the server's Admin:Key, for the money inbox; the default is Development's
          --json       writes the table to this file as well
        """;

    public required IReadOnlyList<Uri> Targets { get; init; }

    public long Seed { get; init; } = 1;

    public int Orders { get; init; }

    public bool Quick { get; init; }

    public IReadOnlyList<string> Providers { get; init; } = ["payhero"];

    public string Listen { get; init; } = "http://127.0.0.1:5090";

    public string? ApiKey { get; init; }

    public string AdminKey { get; init; } = "development-only-admin-key-development-only";

    public string? JsonFile { get; init; }

    public double OrdersPerSecond => Quick ? 12 : 10;

    /// <summary>How long prompts stay on phones. A buyer who ignores one must not outlast the run.</summary>
    public TimeSpan PromptLife => TimeSpan.FromSeconds(Quick ? 9 : 20);

    /// <summary>Buyers stop pressing Try again this long after the last order, so that the last attempts can come to rest.</summary>
    public TimeSpan RetriesFor => TimeSpan.FromSeconds(Quick ? 8 : 30);

    /// <summary>From the last press until everything must be at rest: a server asks silent attempts after 30 s and, as long as it is lied to or gets errors, at growing pauses.</summary>
    public TimeSpan RestWithin => TimeSpan.FromSeconds(Quick ? 180 : 240);

    /// <summary>The options, or null and what is wrong.</summary>
    public static VerdictOptions? Parse(IReadOnlyList<string> args, out string? wrong)
    {
        Dictionary<string, string> given = new(StringComparer.Ordinal);
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] == "--quick")
            {
                given[args[i]] = "";
            }
            else if (args[i] is "--target" or "--seed" or "--orders" or "--providers" or "--listen" or "--api-key" or "--admin-key" or "--json" && i + 1 < args.Count)
            {
                given[args[i]] = args[++i];
            }
            else
            {
                wrong = $"{args[i]}: unknown, or without its value";
                return null;
            }
        }

        bool quick = given.ContainsKey("--quick");
        List<Uri> targets = [];
        foreach (string text in given.GetValueOrDefault("--target", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? target))
            {
                wrong = $"--target {text} is no address";
                return null;
            }

            targets.Add(target);
        }

        wrong = targets.Count == 0 ? "--target is required" : null;
        int orders = quick ? 150 : 1000;
        long seed = 1;
        if (given.TryGetValue("--orders", out string? count) && !(int.TryParse(count, CultureInfo.InvariantCulture, out orders) && orders is >= 1 and <= 10_000))
            wrong = "--orders must be 1 to 10000";
        string[] providers = given.GetValueOrDefault("--providers", "payhero").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (providers.Length == 0 || !providers.All(static p => p is "payhero" or "stripe" or "phonepe"))
            wrong = "--providers must name payhero, stripe or phonepe";
        if (given.TryGetValue("--seed", out string? number) && !(long.TryParse(number, CultureInfo.InvariantCulture, out seed) && seed >= 0))
            wrong = "--seed must be a whole number, 0 or more";
        return wrong is not null ? null : new VerdictOptions
        {
            Targets = targets,
            Seed = seed,
            Orders = orders,
            Quick = quick,
            Providers = providers,
            Listen = given.GetValueOrDefault("--listen", "http://127.0.0.1:5090").TrimEnd('/'),
            ApiKey = given.GetValueOrDefault("--api-key"),
            AdminKey = given.GetValueOrDefault("--admin-key", "development-only-admin-key-development-only"),
            JsonFile = given.GetValueOrDefault("--json"),
        };
    }
}
