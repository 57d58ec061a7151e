using System.Diagnostics;
using System.Runtime.CompilerServices;
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

    /// <summary>GFLOP/s of multiply-adds in registers of 512 bits, all threads together.</summary>
    public double Peak()
    {
        long start = Stopwatch.GetTimestamp();
        workers.For(workers.Workers, 1, new PeakJob());
        return workers.Workers * 2.0 * 16 * 12 * PeakJob.Turns / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    public void Dispose() => memory.Dispose();

    private struct Nothing : IRangeJob
    {
        public readonly void Execute(long start, long end, float* scratch)
        {
        }
    }

    private struct PeakJob : IRangeJob
    {
        public const int Turns = 2_000_000;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long i = start; i < end; i++)
            {
                Vector512<float> x = Vector512.Create(1.5f), a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, j = x, k = x, l = x, m = x;
                for (int turn = 0; turn < Turns; turn++)
                {
                    a = Vector512.FusedMultiplyAdd(x, x, a);
                    b = Vector512.FusedMultiplyAdd(x, x, b);
                    c = Vector512.FusedMultiplyAdd(x, x, c);
                    d = Vector512.FusedMultiplyAdd(x, x, d);
                    e = Vector512.FusedMultiplyAdd(x, x, e);
                    f = Vector512.FusedMultiplyAdd(x, x, f);
                    g = Vector512.FusedMultiplyAdd(x, x, g);
                    h = Vector512.FusedMultiplyAdd(x, x, h);
                    j = Vector512.FusedMultiplyAdd(x, x, j);
                    k = Vector512.FusedMultiplyAdd(x, x, k);
                    l = Vector512.FusedMultiplyAdd(x, x, l);
                    m = Vector512.FusedMultiplyAdd(x, x, m);
                }

                if (Vector512.Sum(a + b + c + d + e + f + g + h + j + k + l + m) == 0) throw new InvalidOperationException("The sums are not positive.");
            }
        }
    }

    private struct ReadJob : IRangeJob
    {
        public byte* Start;

        public readonly void Execute(long start, long end, float* scratch)
        {
            // Four streams, as a product of four weight rows has: one alone does not reach the limit.
            Vector512<long> a = default, b = default, c = default, d = default;
            long stream = ((end - start) << 20) / 4;
            byte* first = Start + (start << 20);
            for (byte* at = first; at < first + stream; at += 64)
            {
                a += Line(at);
                b += Line(at + stream);
                c += Line(at + (2 * stream));
                d += Line(at + (3 * stream));
            }

            if (Vector512.Sum(a + b + c + d) != 0) throw new InvalidOperationException("The memory was not zero.");
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<long> Line(byte* at)
        {
            Cpu.Prefetch(at + 4096);
            return Vector512.LoadAligned((long*)at);
        }
    }
}
