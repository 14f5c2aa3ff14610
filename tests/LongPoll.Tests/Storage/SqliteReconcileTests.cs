using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.Tests.Storage;

public sealed class SqliteReconcileTests(SqliteStores stores) : ReconcileSuite(stores), IClassFixture<SqliteStores>;
