using System.CommandLine;
using LongPoll.LoadTests.Stack;

namespace LongPoll.LoadTests.Commands;

/// <summary>The options of a run.</summary>
internal sealed class RunOptions
{
    private static readonly LoadSettings Defaults = new();

    private readonly Option<string?> _start = new("--start")
    {
        Description = "Start this with a PostgreSQL and a Redis of its own, and stop it afterwards: " + string.Join(", ", Starter.Startable),
    };

    private readonly Option<Uri[]> _target = new("--target")
    {
        Description = "Nodes that run already (http://127.0.0.1:5080)",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.Select(token => HttpAddress.Parse(token.Value, result))],
    };

    private readonly Option<string> _adapter = new("--adapter") { Description = "How --target is spoken to: ours or node", DefaultValueFactory = _ => Defaults.Adapter };
    private readonly Option<Uri?> _listen = new("--listen")
    {
        Description = "Where the pretend provider listens (http://127.0.0.1:5099); --target must run with PayHero__BaseUrl=<this>/sandbox/payhero",
        CustomParser = HttpAddress.Parse,
    };

    private readonly Option<string?> _apiKey = new("--api-key") { Description = "X-Api-Key for POST /orders of --target" };
    private readonly Option<int[]> _pid = new("--pid") { Description = "Server processes at --target, to read memory and CPU time", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _postgres = new("--postgres") { Description = "Connection string of the database behind --target, to count its statements" };
    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes --start ours starts", DefaultValueFactory = _ => Defaults.Nodes };
    private readonly Option<string> _server = new("--server") { Description = "LongPoll.Server.dll for --start ours", DefaultValueFactory = _ => Defaults.Servers[0] };
    private readonly Option<int?> _waiters = new("--waiters") { Description = "Pages that wait at once (each scenario has its own default)" };
    private readonly Option<int> _fanOut = new("--fan-out") { Description = "Pages that wait for one order in fanout", DefaultValueFactory = _ => Defaults.FanOut };
    private readonly Option<double> _rate = new("--rate") { Description = "Callbacks a second where they are paced", DefaultValueFactory = _ => Defaults.Rate };
    private readonly Option<int?> _rounds = new("--rounds") { Description = "How often flood and fanout are repeated" };
    private readonly Option<int> _warmUp = new("--warm-up") { Description = "Payments that are made first and not measured", DefaultValueFactory = _ => Defaults.WarmUp };
    private readonly Option<double?> _seconds = new("--seconds") { Description = "How long days and soaks take orders, and storms callbacks" };
    private readonly Option<double> _speed = new("--speed") { Description = "How many times faster than in life the buyers of days and soaks are", DefaultValueFactory = _ => Defaults.Speed };
    private readonly Option<bool> _everyPage = new("--every-page") { Description = "Writes each page of paced to a CSV file beside the report" };
    private readonly Option<string?> _out = new("--out") { Description = "Folder for reports: JSON for machines, HTML for people" };

    public void AddTo(Command command)
    {
        _start.AcceptOnlyFromAmong(Starter.Startable);
        _adapter.AcceptOnlyFromAmong("ours", "node");
        Least(_nodes, 1);
        Least(_fanOut, 1);
        Least(_warmUp, 0);
        _everyPage.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<bool>() && result.GetResult(_out) is null)
                result.AddError("--every-page needs a folder for the file: --out.");
        });
        foreach (Option option in (Option[])[_start, _target, _adapter, _listen, _apiKey, _pid, _postgres, _nodes, _server, _waiters, _fanOut, _rate, _rounds, _warmUp, _seconds, _speed, _everyPage, _out])
            command.Add(option);
    }

    public LoadSettings Read(ParseResult parsed) => new()
    {
        Start = parsed.GetValue(_start),
        Targets = parsed.GetValue(_target) is { Length: > 0 } targets ? targets : Defaults.Targets,
        Adapter = parsed.GetRequiredValue(_adapter),
        Listen = parsed.GetValue(_listen),
        ApiKey = parsed.GetValue(_apiKey),
        Pids = parsed.GetValue(_pid) ?? [],
        Postgres = parsed.GetValue(_postgres),
        Nodes = parsed.GetRequiredValue(_nodes),
        Servers = [parsed.GetRequiredValue(_server)],
        Waiters = parsed.GetValue(_waiters),
        FanOut = parsed.GetRequiredValue(_fanOut),
        Rate = parsed.GetRequiredValue(_rate),
        Rounds = parsed.GetValue(_rounds),
        WarmUp = parsed.GetRequiredValue(_warmUp),
        Duration = parsed.GetValue(_seconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Speed = parsed.GetRequiredValue(_speed),
        EveryPage = parsed.GetValue(_everyPage),
        Out = parsed.GetValue(_out),
    };

    private static void Least(Option<int> option, int least) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < least)
            result.AddError($"{option.Name} must be {least} or more.");
    });
}
