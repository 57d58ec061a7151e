namespace Caravan.Kernels.Tests;

/// <summary>Counts how often each item is done.</summary>
internal readonly unsafe struct CountJob(NativeSpan<int> done) : IRangeJob
{
    private readonly NativeSpan<int> done = done;

    public void Execute(long start, long end, float* scratch)
    {
        for (long i = start; i < end; i++) Interlocked.Increment(ref done[i]);
    }
}

/// <summary>Counts items.</summary>
internal readonly unsafe struct AddJob(NativeSpan<long> counter) : IRangeJob
{
    private readonly NativeSpan<long> counter = counter;

    public void Execute(long start, long end, float* scratch) => Interlocked.Add(ref counter[0], end - start);
}

/// <summary>Waits in every item until all have been begun.</summary>
internal readonly unsafe struct MeetJob(NativeSpan<long> counter, int items) : IRangeJob
{
    private readonly NativeSpan<long> counter = counter;
    private readonly int items = items;

    public void Execute(long start, long end, float* scratch)
    {
        Interlocked.Add(ref counter[0], end - start);
        SpinWait spinner = default;
        while (Volatile.Read(ref counter[0]) < items) spinner.SpinOnce();
    }
}

/// <summary>Throws at one item.</summary>
internal readonly unsafe struct ThrowJob(long at) : IRangeJob
{
    private readonly long at = at;

    public void Execute(long start, long end, float* scratch)
    {
        if (start <= at && at < end) throw new InvalidOperationException($"item {at}");
    }
}

/// <summary>Fills the scratch memory and looks whether anyone else wrote to it meanwhile.</summary>
internal readonly unsafe struct ScratchJob(NativeSpan<long> wrong, long floats) : IRangeJob
{
    private readonly NativeSpan<long> wrong = wrong;
    private readonly long floats = floats;

    public void Execute(long start, long end, float* scratch)
    {
        for (long i = 0; i < floats; i++) scratch[i] = start + i;
        Thread.SpinWait(20);
        for (long i = 0; i < floats; i++)
            if (scratch[i] != start + i) Interlocked.Increment(ref wrong[0]);
    }
}
