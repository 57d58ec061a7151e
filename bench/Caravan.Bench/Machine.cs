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

    /// <summary>GFLOP/s of fused multiply-adds in registers, all threads together.</summary>
    public double MultiplyAdd()
    {
        const long Steps = 4_000_000;
        long start = Stopwatch.GetTimestamp();
        workers.For(workers.Workers, 1, new MultiplyAddJob { Steps = Steps });
        return 2.0 * 16 * 12 * Steps * workers.Workers / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    public void Dispose() => memory.Dispose();

    private struct MultiplyAddJob : IRangeJob
    {
        public long Steps;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long item = start; item < end; item++)
                if (float.IsNaN(Chains(Steps))) throw new InvalidOperationException("The sum is not a number.");
        }

        private static float Chains(long steps)
        {
            Vector512<float> x = Vector512.Create(0.5f), a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
            for (long step = 0; step < steps; step++)
            {
                a = Vector512.FusedMultiplyAdd(a, x, x);
                b = Vector512.FusedMultiplyAdd(b, x, x);
                c = Vector512.FusedMultiplyAdd(c, x, x);
                d = Vector512.FusedMultiplyAdd(d, x, x);
                e = Vector512.FusedMultiplyAdd(e, x, x);
                f = Vector512.FusedMultiplyAdd(f, x, x);
                g = Vector512.FusedMultiplyAdd(g, x, x);
                h = Vector512.FusedMultiplyAdd(h, x, x);
                i = Vector512.FusedMultiplyAdd(i, x, x);
                j = Vector512.FusedMultiplyAdd(j, x, x);
                k = Vector512.FusedMultiplyAdd(k, x, x);
                l = Vector512.FusedMultiplyAdd(l, x, x);
            }

            return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
        }
    }

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
