using System.Text.Json.Nodes;
using LongPoll.Server.Http;
using Microsoft.OpenApi;

namespace LongPoll.Server.Hosting;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, and a page that shows it at <c>/docs</c>.</summary>
internal static class ApiDescription
{
    private const string AccessToken = "accessToken";
    private const string AccessTokenInQuery = "accessTokenInQuery";
    private const string ApiKey = "apiKey";
    private const string AdminKey = "adminKey";
    private const string CronSecret = "cronSecret";

    private static readonly Dictionary<string, IOpenApiSecurityScheme> Schemes = new(StringComparer.Ordinal)
    {
        [AccessToken] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "The accessToken of the answer to POST /orders: opens that order.",
        },
        [AccessTokenInQuery] = Key("access_token", ParameterLocation.Query, "The same token, where headers cannot be set, as by EventSource."),
        [ApiKey] = Key(CreateAccess.Header, ParameterLocation.Header, "Orders:ApiKey, of the shop's server: who creates an order names its price."),
        [AdminKey] = Key(AdminAccess.Header, ParameterLocation.Header, "Admin:Key."),
        [CronSecret] = Key(CronAccess.Header, ParameterLocation.Header, "Jobs:CronSecret."),
    };

    // Where a rule may be switched off, no scheme at all is one of the choices.
    private static readonly Dictionary<Type, (bool Needed, string[] Schemes)> Rules = new()
    {
        [typeof(ReadAccess)] = (Needed: false, [AccessToken, AccessTokenInQuery]),
        [typeof(TokenAccess)] = (Needed: true, [AccessToken, AccessTokenInQuery]),
        [typeof(CreateAccess)] = (Needed: false, [ApiKey]),
        [typeof(AdminAccess)] = (Needed: true, [AdminKey]),
        [typeof(CronAccess)] = (Needed: true, [CronSecret]),
    };

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "LongPoll";
            document.Info.Version = "1";
            document.Info.Description = "Holds a payment page's request until the provider's callback arrives, and answers every waiting page in that moment.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = Schemes;
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            AddParameters(operation, metadata.OfType<ReadsParameter>());
            AddBody(operation, metadata.OfType<ReadsBody>().LastOrDefault());
            AddSecurity(operation, metadata.OfType<Guard>().LastOrDefault(), context.Document);
            return Task.CompletedTask;
        });
    });

    public static void MapApiDescription(this WebApplication app)
    {
        app.MapOpenApi();
        app.UseWhen(static http => http.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal), static docs => docs.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "docs";
            options.DocumentTitle = "LongPoll API";
            options.SwaggerEndpoint("../openapi/v1.json", "LongPoll");
        }));
    }

    private static void AddParameters(OpenApiOperation operation, IEnumerable<ReadsParameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.Place,
                Description = parameter.Description,
                Required = parameter.Place == ParameterLocation.Path,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    private static void AddBody(OpenApiOperation operation, ReadsBody? body)
    {
        if (body is not null)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Description = body.Description,
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/json"] = new OpenApiMediaType
                    {
                        Schema = new OpenApiSchema { Type = JsonSchemaType.Object },
                        Examples = body.Samples.ToDictionary(
                            sample => sample.Key,
                            sample => (IOpenApiExample)new OpenApiExample { Value = JsonNode.Parse(sample.Value) },
                            StringComparer.Ordinal),
                    },
                },
            };
        }
    }

    private static void AddSecurity(OpenApiOperation operation, Guard? guard, OpenApiDocument? document)
    {
        if (guard is not null)
        {
            var (needed, schemes) = Rules[guard.Rule];
            operation.Security = [.. schemes.Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = [] })];
            if (!needed)
            {
                operation.Security.Add([]);
            }
        }
    }

    private static OpenApiSecurityScheme Key(string name, ParameterLocation place, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, Name = name, In = place, Description = description };
}
