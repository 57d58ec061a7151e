using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// Asks for the weights of the next panel while the tiles of this one compute, evenly over all of them: with few rows of activations filling a
/// panel takes as long as reading it, and a processor that only computes leaves the memory idle. Four places at once, since one stream does not
/// reach what memory can give (2 Sapphire Rapids cores, 2026-11: 17 GB/s with one stream for each, 22 with four).
/// </summary>
internal unsafe struct PanelAhead
{
    private const int CacheLine = 64;
    private const int Streams = 4;

    private readonly byte* end;
    private readonly long apart;
    private readonly long bytes;
    private byte* wanted;
    private byte* at;

    /// <summary>Weights of the panel that begins at row <paramref name="start"/>, spread over so many calls of <see cref="Prefetch"/>.</summary>
    public PanelAhead(in IntegerPart part, long start, long last, long calls)
    {
        at = wanted = part.Weights + (start * part.RowBytes);
        apart = (Math.Min(start + PanelScratch.Rows, last) - start) * part.RowBytes / Streams;
        end = at + apart;
        bytes = (apart / calls) + 1;
    }

    /// <summary>The next share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch()
    {
        wanted += bytes;
        for (; at < wanted && at < end; at += CacheLine)
        {
            Sse.Prefetch1(at);
            Sse.Prefetch1(at + apart);
            Sse.Prefetch1(at + (2 * apart));
            Sse.Prefetch1(at + (3 * apart));
        }
    }
}
