using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.IntegrationTests.Storage;

public sealed class PostgresReconcileTests(PostgresStores stores) : ReconcileSuite(stores), IClassFixture<PostgresStores>;
