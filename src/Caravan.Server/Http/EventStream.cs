using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Server;

/// <summary>An answer that is sent piece by piece: as server-sent events, or as a line of JSON each.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly HttpContext context;
    private readonly bool isLines;
    private readonly Utf8JsonWriter writer;

    private EventStream(HttpContext context, bool isLines)
    {
        this.context = context;
        this.isLines = isLines;
        writer = new Utf8JsonWriter(context.Response.BodyWriter, Answers.Options);
        context.Response.ContentType = isLines ? "application/x-ndjson" : "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        // nginx would otherwise collect pieces.
        context.Response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Server-sent events.</summary>
    public static EventStream OfEvents(HttpContext context) => new(context, isLines: false);

    /// <summary>A line of JSON for each piece.</summary>
    public static EventStream OfLines(HttpContext context) => new(context, isLines: true);

    /// <summary>Puts a piece into the buffer.</summary>
    public void Write<T>(T piece, JsonTypeInfo<T> type)
    {
        if (!isLines) context.Response.BodyWriter.Write("data: "u8);
        JsonSerializer.Serialize(writer, piece, type);
        writer.Flush();
        writer.Reset();
        context.Response.BodyWriter.Write(isLines ? "\n"u8 : "\n\n"u8);
    }

    /// <summary>Writes an answer to its end; what goes wrong on the way is its last piece, as its status has been sent.</summary>
    public async Task RunAsync(ApiCall call, Func<Task> write)
    {
        try
        {
            await write().ConfigureAwait(false);
            if (!isLines) context.Response.BodyWriter.Write("data: [DONE]\n\n"u8);
        }
        catch (Exception exception) when (!call.Aborted.IsCancellationRequested)
        {
            ApiException error = context.RequestServices.GetRequiredService<ErrorAnswers>().Explain(exception);
            call.Operation.Failed(error.Code ?? error.Type);
            Write(error);
        }

        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Puts an error into the buffer, after which nothing comes.</summary>
    private void Write(ApiException error)
    {
        if (!isLines) context.Response.BodyWriter.Write("data: "u8);
        context.Response.BodyWriter.Write(ErrorAnswers.BodyOf(error, isLines));
        context.Response.BodyWriter.Write(isLines ? "\n"u8 : "\n\n"u8);
    }

    /// <summary>Sends what is in the buffer.</summary>
    private async ValueTask FlushAsync() => await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);

    /// <summary>Writes pieces as they come, and sends them whenever the next one lets wait.</summary>
    public async Task WriteAllAsync<T>(IAsyncEnumerable<T> pieces, Action<T> write)
    {
        await using IAsyncEnumerator<T> each = pieces.GetAsyncEnumerator(context.RequestAborted);
        while (true)
        {
            ValueTask<bool> next = each.MoveNextAsync();
            if (!next.IsCompleted) await FlushAsync().ConfigureAwait(false);
            if (!await next.ConfigureAwait(false)) return;
            write(each.Current);
        }
    }

    public void Dispose() => writer.Dispose();
}
