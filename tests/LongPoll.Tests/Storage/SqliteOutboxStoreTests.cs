using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.Tests.Storage;

public sealed class SqliteOutboxStoreTests(SqliteStores stores) : OutboxStoreSuite(stores), IClassFixture<SqliteStores>;
