using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.Tests.Storage;

public sealed class SqliteMatchCallbacksTests(SqliteStores stores) : MatchCallbacksSuite(stores), IClassFixture<SqliteStores>;
