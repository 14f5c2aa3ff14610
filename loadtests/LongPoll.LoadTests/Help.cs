namespace LongPoll.LoadTests;

internal static class Help
{
    public const string Text = """
        Load tests for LongPoll. The runner plays buyers and payment provider; it knows the server only from outside.

          dotnet run -c Release --project loadtests/LongPoll.LoadTests -- <scenario> [options]

        Scenarios
          hold   Creates orders, parks one waiter on each, then lets the provider's callbacks arrive at a steady rate.
                 Measured for every order: from just before the first byte of its callback is written to the last byte
                 of its waiter's answer.

        Options
          --target URL           the server under test (http://127.0.0.1:5080)
          --waiters N            how many wait at once (1000)
          --rate N               callbacks a second (200); open loop: a slow server does not slow them down
          --slope                park N, then 3 N, and give the memory between the two
          --warm-up N            payments that are made first and not measured (200)
          --settle SECONDS       how long everybody stands still before memory is read and callbacks begin (2)
          --listen URL           where the pretend provider listens (http://127.0.0.1:5099); the server must run with
                                 PayHero__BaseUrl=<this>/sandbox/payhero
          --api-key KEY          X-Api-Key for POST /orders; without one the server's rate limit ends the run early
          --pid N                the server's process, to read its memory and CPU time
          --server FILE          start this LongPoll.Server.dll with the right settings, and stop it afterwards;
                                 the environment is handed on, ConnectionStrings__Postgres and __Redis with it
          --callback-token T     PayHero__CallbackToken for --server (default: a random one)
          --out FILE             write everything that was measured as JSON
          --help                 this text

        Memory is resident memory of the server process (VmRSS), with nobody parked and with everybody parked, each time
        after 25 forced full collections, because the runtime holds on to emptied memory for about twenty. Socket buffers
        in the kernel, some 7 KB per connection pair, are not part of it. The slope between N and 3 N waiters is the
        figure to trust: the first one still holds whatever the server does only once.

        Exit code: 0 every waiter was answered "completed" and none by time-out; 1 some were not; 2 no run was possible.
        """;
}
