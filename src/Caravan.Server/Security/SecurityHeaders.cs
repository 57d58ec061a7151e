using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>Headers that every answer has.</summary>
internal static class SecurityHeaders
{
    /// <summary>Only the page's own files run, and they talk to this server alone; what answers show cannot load anything.</summary>
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Puts them before whatever answers.</summary>
    public static Task RunAsync(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = ContentPolicy;
        headers["X-Request-Id"] = context.TraceIdentifier;
        return next(context);
    }
}
