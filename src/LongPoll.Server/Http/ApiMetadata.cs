using Microsoft.OpenApi;

namespace LongPoll.Server.Http;

/// <summary>Part of a request's head that an endpoint reads by hand, for the description of the API.</summary>
internal sealed record ReadsParameter(string Name, ParameterLocation Place, string Description);

/// <summary>A JSON body that an endpoint reads by hand, byte for byte, with samples by name.</summary>
internal sealed record ReadsBody(string Description, IReadOnlyDictionary<string, string> Samples);

internal static class ApiMetadataExtensions
{
    public static RouteHandlerBuilder ReadsQuery(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithMetadata(new ReadsParameter(name, ParameterLocation.Query, description));

    public static RouteHandlerBuilder ReadsHeader(this RouteHandlerBuilder endpoint, string name, string description) =>
        endpoint.WithMetadata(new ReadsParameter(name, ParameterLocation.Header, description));
}
