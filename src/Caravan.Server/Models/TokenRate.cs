using System.Diagnostics;

namespace Caravan.Server;

/// <summary>Tokens per second out of a count that somebody reads now and then.</summary>
internal sealed class TokenRate
{
    private long before, when = Stopwatch.GetTimestamp();

    /// <summary>The rate between the last two readings.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Takes a reading.</summary>
    public void Read(long count)
    {
        long now = Stopwatch.GetTimestamp();
        // A model that was loaded anew counts from 0.
        PerSecond = Math.Max(0, count - before) / Math.Max(1e-3, Stopwatch.GetElapsedTime(when, now).TotalSeconds);
        (before, when) = (count, now);
    }
}
