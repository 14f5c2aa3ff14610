using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.IntegrationTests.Storage;

public sealed class PostgresOrderStoreTests(PostgresStores stores) : OrderStoreSuite(stores), IClassFixture<PostgresStores>;
