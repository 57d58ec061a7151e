using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary><c>GET /openapi.json</c>: what there is, in the OpenAPI format.</summary>
internal static class ApiDocument
{
    /// <summary>Writes the document.</summary>
    public static async Task ShowAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        using Stream document = Assembly.GetExecutingAssembly().GetManifestResourceStream("openapi.json")!;
        await document.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }
}
