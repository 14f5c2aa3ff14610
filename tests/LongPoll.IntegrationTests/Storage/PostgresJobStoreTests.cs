using LongPoll.Tests.Contracts;
using Xunit;

namespace LongPoll.IntegrationTests.Storage;

public sealed class PostgresJobStoreTests(PostgresStores stores) : JobSuite(stores), IClassFixture<PostgresStores>;
