using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace HubService;

/// <summary>The OpenAPI document of the HTTP interface: title, bearer security, problem details on every operation.</summary>
internal static class ApiDocument
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "HubService",
                Version = "v1",
                Description = "Publish to, read and follow the streams of threads and projects.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, _, _) =>
        {
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse { Description = "Problem details with code, retryable and trace_id." };
            return Task.CompletedTask;
        });
    }
}
