using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>What the machine gives at this moment: the time of an empty parallel region, and the rates at which all threads together read memory and compute.</summary>
internal sealed unsafe class MachineSpeed : IDisposable
{
    /// <summary>Several times the largest caches.</summary>
    private const long MemoryBytes = 512L << 20;

    private const long PieceBytes = 1L << 20;
    private const long PiecesAtOnce = 16;
    private const int Regions = 20_000;

    /// <summary>Long enough for several passes.</summary>
    private static readonly TimeSpan ReadingTime = TimeSpan.FromMilliseconds(50);

    private readonly WorkerPool workers;
    private readonly NativeBuffer memory = new(MemoryBytes, clear: false);

    /// <summary>Takes 512 MiB of memory to read; the threads stay the caller's.</summary>
    /// <exception cref="CaravanException">There is not enough memory.</exception>
    public MachineSpeed(WorkerPool workers)
    {
        this.workers = workers;
        workers.For(MemoryBytes / PieceBytes, PiecesAtOnce, new ClearJob { Start = memory.Bytes.Pointer });
    }

    /// <summary>Seconds per empty parallel region.</summary>
    public double RegionSeconds()
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Regions; i++) workers.For(workers.Workers, 1, default(Nothing));
        return Stopwatch.GetElapsedTime(start).TotalSeconds / Regions;
    }

    /// <summary>Bytes per second that all threads together load from memory, 64 at a time.</summary>
    public double ReadBytesPerSecond()
    {
        (long bytes, long start) = (0, Stopwatch.GetTimestamp());
        do
        {
            workers.For(MemoryBytes / PieceBytes, PiecesAtOnce, new ReadJob { Start = memory.Bytes.Pointer });
            bytes += MemoryBytes;
        }
        while (Stopwatch.GetElapsedTime(start) < ReadingTime);
        return bytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Additions and multiplications of floats per second, fused and in registers, that all threads together do.</summary>
    public double MultiplyAddsPerSecond()
    {
        const long Steps = 4_000_000;
        long start = Stopwatch.GetTimestamp();
        workers.For(workers.Workers, 1, new MultiplyAddJob { Steps = Steps });
        return 2.0 * 16 * 12 * Steps * workers.Workers / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Frees the memory.</summary>
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

    private struct ClearJob : IRangeJob
    {
        public byte* Start;

        public readonly void Execute(long start, long end, float* scratch) => new NativeSpan<byte>(Start + (start * PieceBytes), (end - start) * PieceBytes).Clear();
    }

    private struct ReadJob : IRangeJob
    {
        private const int PrefetchDistance = 4096;

        public byte* Start;

        public readonly void Execute(long start, long end, float* scratch)
        {
            // Four streams, as a product of four weight rows has: on some machines one alone does not reach the limit.
            Vector512<long> a = default, b = default, c = default, d = default;
            long stream = (end - start) * PieceBytes / 4;
            byte* first = Start + (start * PieceBytes);
            for (byte* at = first; at < first + stream; at += 64)
            {
                a += Line(at);
                b += Line(at + stream);
                c += Line(at + (2 * stream));
                d += Line(at + (3 * stream));
            }

            // Without a use of what was read, the reading itself could be left out.
            if (Vector512.Sum(a + b + c + d) != 0) throw new InvalidOperationException("The memory was not zero.");
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<long> Line(byte* at)
        {
            Cpu.Prefetch(at + PrefetchDistance);
            return Vector512.LoadAligned((long*)at);
        }
    }
}
