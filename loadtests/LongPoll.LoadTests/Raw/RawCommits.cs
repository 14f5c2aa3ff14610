using LongPoll.LoadTests.Stack;
using Npgsql;

namespace LongPoll.LoadTests.Raw;

/// <summary>Clients that update a row each, one commit after the other: how many commits the disk and PostgreSQL give at most.</summary>
internal static class RawCommits
{
    private const int Clients = 20;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    /// <returns>Commits a second of all clients together.</returns>
    public static async Task<double> MeasureAsync(OwnPostgres postgres, TimeProvider clock, CancellationToken cancel)
    {
        await postgres.ExecuteAsync("create table raw_commits (id int primary key, n int not null)", cancel);
        await postgres.ExecuteAsync("insert into raw_commits select id, 0 from generate_series(1, 1000) id", cancel);
        long began = clock.GetTimestamp();
        int[] commits = await Task.WhenAll(Enumerable.Range(1, Clients).Select(client => CommitAsync(postgres, client, began, clock, cancel)));
        return Math.Round(commits.Sum() / clock.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<int> CommitAsync(OwnPostgres postgres, int client, long began, TimeProvider clock, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = new(postgres.ConnectionTo("postgres"));
        await connection.OpenAsync(cancel);
        NpgsqlParameter<int> id = new();
        await using NpgsqlCommand update = new("update raw_commits set n = n + 1 where id = $1", connection) { Parameters = { id } };
        await update.PrepareAsync(cancel);
        int commits = 0;
        for (; clock.GetElapsedTime(began) < Duration; commits++)
        {
            // Rows of its own, so that clients never wait for each other.
            id.TypedValue = client + (Clients * (commits % 49));
            await update.ExecuteNonQueryAsync(cancel);
        }

        return commits;
    }
}
