using System.Diagnostics;

namespace Caravan.Server;

/// <summary>Since when the server is there.</summary>
internal sealed class ServerClock
{
    private readonly long start = Stopwatch.GetTimestamp();

    /// <summary>How long.</summary>
    public TimeSpan Uptime => Stopwatch.GetElapsedTime(start);
}
