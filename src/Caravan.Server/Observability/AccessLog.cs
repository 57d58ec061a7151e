using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Caravan.Server;

/// <summary>A line in the log for each request: who asked for what, and what it took. What was said is not logged unless the server was told to.</summary>
internal sealed partial class AccessLog(ServerOptions options, ILogger<AccessLog> logger)
{
    private static readonly string[] Quiet = ["/health", "/ready", "/metrics", "/v1/status"];

    /// <summary>Runs a request and logs it.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            if (logger.IsEnabled(LogLevel.Information) && !Quiet.Contains(context.Request.Path.Value)) Write(context, Stopwatch.GetElapsedTime(start));
        }
    }

    private void Write(HttpContext context, TimeSpan elapsed)
    {
        Operation? operation = context.Features.Get<Operation>();
        Usage? usage = operation?.Usage;
        string answered = operation is null ? "" : $" {operation.Name} {operation.Model}{(usage is null ? "" : $" {usage.PromptTokens}+{usage.CompletionTokens} tokens")}";
        (string id, string client, string path) = (context.TraceIdentifier, context.Features.Get<ClientIdentity>()?.Name ?? "", context.Request.Path.ToUriComponent());
        LogRequest(id, client, context.Request.Method, path, context.Response.StatusCode, elapsed.TotalMilliseconds, answered);
        if (!options.LogPrompts || context.Items[nameof(Fields)] is not ReadOnlyMemory<byte> body) return;
        string asked = Encoding.UTF8.GetString(body.Span);
        LogBody(id, asked);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Id} {Client} {Method} {Path} {Status} {Milliseconds:0} ms{Answered}")]
    private partial void LogRequest(string id, string client, string method, string path, int status, double milliseconds, string answered);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Id} asked {Body}")]
    private partial void LogBody(string id, string body);
}
