using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>What the machine gives at this moment: the time of an empty parallel region, and the rate at which all threads together read memory.</summary>
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

    /// <summary>Frees the memory.</summary>
    public void Dispose() => memory.Dispose();

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
            Vector512<long> a = default, b = default, c = default, d = default;
            byte* last = Start + (end * PieceBytes);
            for (byte* at = Start + (start * PieceBytes); at < last; at += 256)
            {
                if (Cpu.HasPrefetch) Sse.Prefetch0(at + PrefetchDistance);
                a += Vector512.LoadAligned((long*)at);
                b += Vector512.LoadAligned((long*)(at + 64));
                c += Vector512.LoadAligned((long*)(at + 128));
                d += Vector512.LoadAligned((long*)(at + 192));
            }

            // Without a use of what was read, the reading itself could be left out.
            if (Vector512.Sum(a + b + c + d) != 0) throw new InvalidOperationException("The memory was not zero.");
        }
    }
}
