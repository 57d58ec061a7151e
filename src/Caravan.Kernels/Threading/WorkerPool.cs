using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Caravan.Kernels;

/// <summary>
/// Persistent threads that share parallel regions. The calling thread is worker 0; the others spin for some tens of microseconds after a
/// region and then park, so that a busy engine pays no system call and an idle one no processor time.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>Turns of the waiting loop before a worker parks: about 50 µs (measured on 2 Zen 5 cores, 2026-11).</summary>
    private const int SpinsBeforeParking = 2_000;

    private readonly Lock gate = new();
    private readonly Thread[] threads;
    private readonly Parking[] parkings;
    private readonly NativeBuffer?[] scratch;

    private delegate*<void*, long, long, int, void> body;
    private void* job;
    private long count;
    private long grain;
    private long next;
    private int epoch;
    private int pending;
    private bool stopping;
    private Exception? failure;

    /// <summary>Starts a pool of <paramref name="workers"/> workers, the calling thread included.</summary>
    /// <param name="workers">At least 1; 0 means one for each processor.</param>
    public WorkerPool(int workers = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
        Workers = workers == 0 ? Environment.ProcessorCount : workers;
        scratch = new NativeBuffer?[Workers];
        threads = new Thread[Workers - 1];
        parkings = new Parking[Workers - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            int index = i;
            parkings[i] = new Parking();
            threads[i] = new Thread(() => Loop(index)) { IsBackground = true, Name = $"caravan worker {i + 1}" };
            threads[i].Start();
        }
    }

    /// <summary>Number of threads that work in a region, the caller included.</summary>
    public int Workers { get; }

    /// <summary>Runs <paramref name="work"/> over [0, count) in pieces of at least <paramref name="grainSize"/> items, and returns when all are done.</summary>
    internal void For<TJob>(long items, long grainSize, TJob work)
        where TJob : unmanaged, IRangeJob
    {
        if (items <= 0) return;
        if (Workers == 1 || items <= grainSize)
        {
            work.Execute(0, items, 0);
            return;
        }

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            body = &Invoke<TJob>;
            job = &work;
            count = items;
            grain = grainSize;
            next = 0;
            failure = null;
            pending = threads.Length;
            Interlocked.Increment(ref epoch);
            foreach (Parking parking in parkings) parking.Wake();
            TakePieces(0);
            SpinWait spinner = default;
            while (Volatile.Read(ref pending) != 0) spinner.SpinOnce(sleep1Threshold: -1);
            if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Memory of <paramref name="floats"/> floats that worker <paramref name="worker"/> may use until its region ends; contents undefined.</summary>
    internal float* Scratch(int worker, long floats)
    {
        NativeBuffer? buffer = scratch[worker];
        long bytes = floats * sizeof(float);
        if (buffer is null || buffer.Length < bytes)
        {
            buffer?.Dispose();
            scratch[worker] = buffer = new NativeBuffer(bytes, clear: false);
        }

        return (float*)buffer.Bytes.Pointer;
    }

    /// <summary>Stops and joins the threads.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (stopping) return;
            stopping = true;
            Interlocked.Increment(ref epoch);
        }

        foreach (Parking parking in parkings) parking.Wake();
        foreach (Thread thread in threads) thread.Join();
        foreach (Parking parking in parkings) parking.Dispose();
        foreach (NativeBuffer? buffer in scratch) buffer?.Dispose();
    }

    private static void Invoke<TJob>(void* job, long start, long end, int worker)
        where TJob : unmanaged, IRangeJob => Unsafe.AsRef<TJob>(job).Execute(start, end, worker);

    private void Loop(int index)
    {
        int seen = 0;
        while (true)
        {
            AwaitEpochAfter(seen, parkings[index]);
            seen = Volatile.Read(ref epoch);
            if (stopping) return;
            TakePieces(index + 1);
            Interlocked.Decrement(ref pending);
        }
    }

    private void AwaitEpochAfter(int seen, Parking parking)
    {
        for (int spin = 0; spin < SpinsBeforeParking; spin++)
        {
            if (Volatile.Read(ref epoch) != seen) return;
            Thread.SpinWait(1);
        }

        parking.WaitWhile(ref epoch, seen);
    }

    private void TakePieces(int worker)
    {
        try
        {
            while (true)
            {
                long start = Interlocked.Add(ref next, grain) - grain;
                if (start >= count) return;
                body(job, start, Math.Min(start + grain, count), worker);
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref failure, exception, null);
            Interlocked.Exchange(ref next, count);
        }
    }
}
