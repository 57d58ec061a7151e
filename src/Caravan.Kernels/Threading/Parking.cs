namespace Caravan.Kernels;

/// <summary>Where one worker sleeps. Waking a worker that is still spinning costs one exchange and no system call.</summary>
internal sealed class Parking : IDisposable
{
    private readonly AutoResetEvent signal = new(false);
    private int parked;

    /// <summary>Sleeps until woken, unless <paramref name="epoch"/> has already left <paramref name="seen"/>.</summary>
    public void WaitWhile(ref int epoch, int seen)
    {
        Interlocked.Exchange(ref parked, 1);
        bool nothingNew = Volatile.Read(ref epoch) == seen;
        // Losing the exchange means that Wake saw us parked and has signalled or will: that signal must be consumed.
        if (nothingNew || Interlocked.Exchange(ref parked, 0) == 0) signal.WaitOne();
    }

    /// <summary>Wakes the worker if it sleeps or is about to.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref parked, 0) == 1) signal.Set();
    }

    public void Dispose() => signal.Dispose();
}
