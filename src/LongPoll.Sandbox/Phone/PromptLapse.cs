namespace LongPoll.Sandbox.Phone;

/// <summary>Takes unanswered prompts off the phone when their life is over.</summary>
internal sealed class PromptLapse(PretendPhone phone, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (Prompt prompt in phone.Lapsing.ReadAllAsync(stoppingToken))
            {
                TimeSpan left = prompt.LapsesAt!.Value - clock.GetUtcNow();
                if (left > TimeSpan.Zero)
                    await Task.Delay(left, clock, stoppingToken);
                phone.Lapse(prompt);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host goes down, and the prompts with it. Thrown on, this would be logged as a crash of the host
            // whenever its start fails halfway.
        }
    }
}
