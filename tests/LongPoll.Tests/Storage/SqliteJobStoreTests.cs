using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.Tests.Storage;

public sealed class SqliteJobStoreTests(SqliteStores stores) : JobSuite(stores), IClassFixture<SqliteStores>;
