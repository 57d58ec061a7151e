namespace Caravan.Formats;

/// <summary>Counts the bytes of one job, which may span several files, reports them, and notices cancellation.</summary>
internal sealed class WriteProgress(long total, WriteOptions options)
{
    private const long ReportEvery = 1 << 22;

    private long done;
    private long reported = -1;

    /// <summary>Adds bytes that were written.</summary>
    public void Add(long bytes)
    {
        done += bytes;
        if (done - reported >= ReportEvery || (done == total && reported != total)) Report();
    }

    /// <summary>Fails when the job was cancelled.</summary>
    public void ThrowIfCancelled() => options.Cancellation.ThrowIfCancellationRequested();

    private void Report()
    {
        reported = done;
        options.Progress?.Invoke(done, total);
    }
}
