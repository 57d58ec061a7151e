using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>The files of the web page, which are built into the program: <c>GET /</c> and what it asks for.</summary>
internal sealed class WebPage
{
    private const string Root = "wwwroot";

    private readonly Dictionary<string, PageFile> files = new(StringComparer.Ordinal);

    /// <summary>Reads the files.</summary>
    public WebPage()
    {
        foreach (string name in Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(name => name.StartsWith(Root + "/", StringComparison.Ordinal)))
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            string path = name[Root.Length..].Replace('\\', '/');
            files[path] = new PageFile(bytes, TypeOf(path), $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes)[..16])}\"");
        }

        if (files.TryGetValue("/index.html", out PageFile? start)) files["/"] = start;
    }

    /// <summary>Answers with a file, or lets others answer.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        bool reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!reads || !files.TryGetValue(context.Request.Path.Value ?? "", out PageFile? file))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        IHeaderDictionary headers = context.Response.Headers;
        headers.ETag = file.Tag;
        // Bundles of the page have a digest in their names; the page itself is asked for again.
        headers.CacheControl = context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache";
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(file.Tag, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = file.Type;
        context.Response.ContentLength = file.Bytes.Length;
        if (HttpMethods.IsGet(context.Request.Method)) await context.Response.Body.WriteAsync(file.Bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private static string TypeOf(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".json" or ".map" => "application/json",
        ".webmanifest" => "application/manifest+json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".woff" => "font/woff",
        ".ttf" => "font/ttf",
        ".txt" => "text/plain; charset=utf-8",
        ".wasm" => "application/wasm",
        _ => "application/octet-stream",
    };

    private sealed record PageFile(byte[] Bytes, string Type, string Tag);
}
