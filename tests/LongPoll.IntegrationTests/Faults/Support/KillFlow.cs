namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>A piece of work that is begun anew for each point at which a server dies over it.</summary>
/// <param name="Name">What it is called in the results.</param>
/// <param name="BeginAsync">What must be there before; not part of the work.</param>
/// <param name="WorkAsync">The work, as somebody outside asks for it; may last until a server takes it.</param>
/// <param name="DoneAsync">Everything has been done, for a server that lived.</param>
/// <param name="EndsRightAsync">Checks how it ended, with whoever had to end it.</param>
internal sealed record KillFlow<T>(
    string Name, Func<Task<T>> BeginAsync, Func<T, Task> WorkAsync, Func<T, Task<bool>> DoneAsync, Func<T, Task> EndsRightAsync);
