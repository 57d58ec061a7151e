using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Caravan.Kernels;

namespace Caravan.Cli;

/// <summary>How fast threads merely read memory: what generation would reach if computing cost nothing.</summary>
internal static class MemoryReading
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Long enough that starting threads does not count; big models are read once at least.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes per second of all threads together.</summary>
    /// <param name="memory">What is read; longer than the caches, if memory is to be measured and not those.</param>
    /// <param name="threads">How many threads share it, piece by piece.</param>
    public static double BytesPerSecond(IReadOnlyList<NativeSpan<byte>> memory, int threads)
    {
        double[] rates = new double[threads];
        using Barrier start = new(threads);
        Thread[] readers = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            rates[index] = Read(memory, index, threads);
        }))];
        foreach (Thread reader in readers) reader.Start();
        foreach (Thread reader in readers) reader.Join();
        return rates.Sum();
    }

    private static double Read(IReadOnlyList<NativeSpan<byte>> memory, int index, int threads)
    {
        (long bytes, long start) = (0, Stopwatch.GetTimestamp());
        Vector512<ulong> mixed = default;
        do
        {
            long piece = 0;
            foreach (NativeSpan<byte> span in memory)
            {
                for (long offset = 0; offset < span.Length; offset += PieceBytes)
                {
                    if (piece++ % threads != index) continue;
                    int length = (int)Math.Min(PieceBytes, span.Length - offset);
                    mixed ^= Mix(span.AsSpan(offset, length));
                    bytes += length;
                }
            }
        }
        while (Stopwatch.GetElapsedTime(start) < Shortest);
        double rate = bytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
        // Without a use of what was read, the reading itself could be left out.
        GC.KeepAlive(mixed);
        return rate;
    }

    private static Vector512<ulong> Mix(ReadOnlySpan<byte> bytes)
    {
        Vector512<ulong> mixed = default;
        foreach (Vector512<ulong> each in MemoryMarshal.Cast<byte, Vector512<ulong>>(bytes)) mixed ^= each;
        return mixed;
    }
}
