using Microsoft.AspNetCore.Http;

namespace Caravan.Server;

/// <summary>Counts requests, so that a server that stops can let them end, and refuses those that come after.</summary>
internal sealed class Draining
{
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int requests = 1;
    private volatile bool begun;

    /// <summary>Whether the server stops.</summary>
    public bool HasBegun => begun;

    /// <summary>Runs a request, or refuses it.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref requests);
        try
        {
            if (begun)
            {
                context.Response.Headers.Connection = "close";
                if (IsWork(context.Request.Path)) throw ApiException.Unavailable("The server is shutting down and takes no more requests.", "server_shutting_down");
            }

            await next(context).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Takes no more requests, and returns when all have ended or the time is over.</summary>
    public async Task DrainAsync(TimeSpan longest)
    {
        if (begun) return;
        begun = true;
        Leave();
        await Task.WhenAny(idle.Task, Task.Delay(longest)).ConfigureAwait(false);
    }

    private static bool IsWork(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/api");

    private void Leave()
    {
        if (Interlocked.Decrement(ref requests) == 0) idle.TrySetResult();
    }
}
