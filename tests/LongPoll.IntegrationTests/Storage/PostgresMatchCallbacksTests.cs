using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.IntegrationTests.Storage;

public sealed class PostgresMatchCallbacksTests(PostgresStores stores) : MatchCallbacksSuite(stores), IClassFixture<PostgresStores>;
