using System.Security.Cryptography;
using System.Text;
using Xunit.Sdk;
using Xunit.v3;

namespace LongPoll.Tests.Support;

/// <summary>
/// The order of tests within their class and of the collections, shuffled by <c>LONGPOLL_TESTS_SEED</c> (1 where nothing is set); the rows of a
/// theory stay together. xunit's own order comes from the directory's path: a test that leans on what another left would fail in some
/// directories only.
/// </summary>
public sealed class ShuffledOrder : ITestCaseOrderer, ITestCollectionOrderer
{
    private static readonly string Seed = Environment.GetEnvironmentVariable("LONGPOLL_TESTS_SEED") is { Length: > 0 } given ? given : "1";

    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase => [.. testCases.OrderBy(test => Place(test.TestCaseDisplayName), StringComparer.Ordinal)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(suite => Place(suite.TestCollectionDisplayName), StringComparer.Ordinal)];

    private static string Place(string name) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Seed + "\n" + name)));
}
