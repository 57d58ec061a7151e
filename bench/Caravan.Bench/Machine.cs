using System.Diagnostics;
using System.Runtime.Intrinsics;
using Caravan.Kernels;

namespace Caravan.Bench;

/// <summary>What the machine gives at this moment: the time of an empty parallel region, and the rate at which all threads together read memory.</summary>
internal sealed unsafe class Machine(WorkerPool workers) : IDisposable
{
    private const long Bytes = 256L << 20;
    private const int Regions = 20_000;

    private readonly NativeBuffer memory = new(Bytes);

    /// <summary>Seconds per empty region.</summary>
    public double ForkJoin()
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Regions; i++) workers.For(workers.Workers, 1, default(Nothing));
        return Stopwatch.GetElapsedTime(start).TotalSeconds / Regions;
    }

    /// <summary>GB/s.</summary>
    public double Read()
    {
        long start = Stopwatch.GetTimestamp();
        workers.For(Bytes / (1 << 20), 16, new ReadJob { Start = memory.Bytes.Pointer });
        return Bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    public void Dispose() => memory.Dispose();

    private struct Nothing : IRangeJob
    {
        public readonly void Execute(long start, long end, float* scratch)
        {
        }
    }

    private struct ReadJob : IRangeJob
    {
        public byte* Start;

        public readonly void Execute(long start, long end, float* scratch)
        {
            Vector512<long> a = default, b = default, c = default, d = default;
            byte* last = Start + (end << 20);
            for (byte* at = Start + (start << 20); at < last; at += 256)
            {
                System.Runtime.Intrinsics.X86.Sse.Prefetch0(at + 4096);
                a += Vector512.LoadAligned((long*)at);
                b += Vector512.LoadAligned((long*)(at + 64));
                c += Vector512.LoadAligned((long*)(at + 128));
                d += Vector512.LoadAligned((long*)(at + 192));
            }

            if (Vector512.Sum(a + b + c + d) != 0) throw new InvalidOperationException("The memory was not zero.");
        }
    }
}
