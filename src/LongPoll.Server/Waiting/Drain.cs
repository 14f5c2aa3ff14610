using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Waiting;

/// <summary>
/// Runs before anything else stops: parked requests are answered with their current view, spread over
/// <c>LongPoll:DrainTime</c>, while the server still listens and callbacks still come in.
/// </summary>
internal sealed class Drain(Waiters waiters, IOptions<LongPollOptions> options) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => waiters.DrainAsync(options.Value.DrainTime, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
