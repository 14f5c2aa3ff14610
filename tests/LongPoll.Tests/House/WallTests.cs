using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace LongPoll.Tests.House;

/// <summary>The walls between the folders of the server, read from its source.</summary>
public sealed class WallTests
{
    private const string Ours = "LongPoll.Server.";

    private static readonly Source[] Sources = ReadAll();

    [Theory]
    [InlineData("Orders", "Waiting")]
    [InlineData("Orders", "Callbacks")]
    [InlineData("Waiting", "Orders")]
    [InlineData("Waiting", "Callbacks")]
    [InlineData("Callbacks", "Orders")]
    [InlineData("Callbacks", "Waiting")]
    [InlineData("Bus", "Storage")]
    [InlineData("Storage", "Bus")]
    [InlineData("Storage", "Waiting")]
    [InlineData("Waiting", "Storage")]
    [InlineData("Waiting", "Providers")]
    [InlineData("Waiting", "Outbox")]
    [InlineData("Waiting", "Fulfilment")]
    [InlineData("Callbacks", "Fulfilment")]
    [InlineData("Orders", "Fulfilment")]
    [InlineData("Fulfilment", "Orders")]
    [InlineData("Fulfilment", "Waiting")]
    [InlineData("Fulfilment", "Storage")]
    [InlineData("Fulfilment", "Mail")]
    [InlineData("Mail", "Storage")]
    [InlineData("Orders", "Links")]
    [InlineData("Waiting", "Links")]
    [InlineData("Callbacks", "Links")]
    [InlineData("Jobs", "Links")]
    [InlineData("Links", "Waiting")]
    [InlineData("Links", "Callbacks")]
    [InlineData("Links", "Storage")]
    [InlineData("Links", "Fulfilment")]
    public void Folder_DoesNotKnow_ItsNeighbour(string folder, string neighbour) =>
        None(Sources.Where(s => s.Folder == folder && s.Knows(Ours + neighbour)));

    [Theory]
    [InlineData("Payments")]
    [InlineData("Outbox")]
    public void Core_KnowsNoFlowAndNoWeb(string folder) => None(Sources.Where(s => s.Folder == folder
        && (s.Knows(Ours + "Orders") || s.Knows(Ours + "Waiting") || s.Knows(Ours + "Callbacks") || s.Knows(Ours + "Providers") || s.Knows(Ours + "Storage") || s.Knows(Ours + "Fulfilment") || s.Knows(Ours + "Links") || s.Knows(Ours + "Mail")
            || s.Knows(Ours + "Http") || s.Knows(Ours + "Hosting") || s.Knows("Microsoft.AspNetCore")
            || s.Names("HttpContext", "HttpRequest", "HttpResponse", "IResult", "Results", "TypedResults", "StatusCodes", "WebApplication", "IEndpointRouteBuilder"))));

    [Theory]
    [InlineData("Npgsql", "Storage/", "Hosting/StartupRules.cs")]
    [InlineData("Dapper", "Storage/")]
    [InlineData("Microsoft.Data.Sqlite", "Storage/")]
    [InlineData("StackExchange.Redis", "Bus/RedisStatusBus.cs", "Bus/RedisLink.cs")]
    [InlineData("Polly", "Providers/", "Fulfilment/TicketService.cs", "Fulfilment/FulfilmentRegistration.cs")]
    [InlineData("QRCoder", "Fulfilment/QrImages.cs")]
    [InlineData("System.Net.Mail", "Mail/", "Orders/OrderRules.cs", "Hosting/StartupRules.cs")]
    public void Package_IsKnownOnlyTo(string package, params string[] places) =>
        None(Sources.Where(s => s.Knows(package) && !places.Any(p => s.Path.StartsWith(p, StringComparison.Ordinal))));

    [Fact]
    public void Flows_DoNotKnowStorage() => None(Sources.Where(s => s.Folder is "Orders" or "Callbacks" && s.Knows(Ours + "Storage")));

    [Fact]
    public void Waiting_CannotWrite() => None(Sources.Where(s => s.Folder == "Waiting" && s.Names(
        "OpenOrderAsync", "OpenAttemptAsync", "SettleAsync", "KeepCallbackAsync", "NoteAnnouncedAsync", "SettlePayment", "AnnounceAsync", "Announcements")));

    [Fact]
    public void RequestPaths_RunNoOutboxHandler() =>
        None(Sources.Where(s => s.Folder is "Orders" or "Waiting" or "Callbacks" or "Links" or "Http" && s.Names("IOutboxHandler", "IOutboxBatchHandler", "FulfilOrders", "SendMails", "OutboxWorker")));

    [Fact]
    public void Files_HaveAtMost300Lines() => None(Sources.Where(s => s.Lines > 300));

    [Fact]
    public void Sources_AreFound() => Assert.True(Sources.Length > 60);

    private static void None(IEnumerable<Source> breaches) => Assert.Empty(breaches.Select(s => s.Path));

    private static Source[] ReadAll([CallerFilePath] string here = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../src/LongPoll.Server"));
        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: file, Path: Path.GetRelativePath(root, file).Replace('\\', '/')))
            .Where(f => !f.Path.StartsWith("obj/", StringComparison.Ordinal) && !f.Path.StartsWith("bin/", StringComparison.Ordinal))
            .Select(f => Source.Parse(f.Path, File.ReadAllText(f.File)))];
    }

    private sealed record Source(string Path, int Lines, IReadOnlyList<string> Imports, IReadOnlySet<string> Identifiers)
    {
        public string Folder => Path.Split('/')[0];

        public static Source Parse(string path, string text)
        {
            var root = CSharpSyntaxTree.ParseText(text).GetRoot();

            // Imports, and names written out in full.
            var names = root.DescendantNodes().OfType<UsingDirectiveSyntax>().Select(u => u.NamespaceOrType.ToString())
                .Concat(root.DescendantNodes().OfType<QualifiedNameSyntax>().Where(q => q.Parent is not BaseNamespaceDeclarationSyntax).Select(q => q.ToString()))
                .Concat(root.DescendantNodes().OfType<MemberAccessExpressionSyntax>().Select(m => m.ToString()));
            return new Source(
                path,
                text.Count(c => c == '\n'),
                [.. names],
                root.DescendantNodes().OfType<SimpleNameSyntax>().Select(n => n.Identifier.ValueText).ToHashSet(StringComparer.Ordinal));
        }

        public bool Knows(string name) => Imports.Any(i => i == name || i.StartsWith(name + ".", StringComparison.Ordinal));

        public bool Names(params string[] identifiers) => identifiers.Any(Identifiers.Contains);
    }
}
