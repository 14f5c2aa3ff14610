using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.IntegrationTests.Storage;

public sealed class PostgresOutboxStoreTests(PostgresStores stores) : OutboxStoreSuite(stores), IClassFixture<PostgresStores>;
