using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.Tests.Storage;

public sealed class SqliteOrderStoreTests(SqliteStores stores) : OrderStoreSuite(stores), IClassFixture<SqliteStores>;
