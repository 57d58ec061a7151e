using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>
/// Asks for the weights of the next panel while the tiles of this one compute, evenly over all of them: with few rows of activations filling a
/// panel takes as long as reading it, and a processor that only computes leaves the memory idle.
/// </summary>
internal unsafe struct PanelAhead
{
    private const int CacheLine = 64;

    private readonly byte* end;
    private readonly long bytes;
    private byte* wanted;
    private byte* at;

    /// <summary>Weights of the panel that begins at row <paramref name="start"/>, spread over so many calls of <see cref="Prefetch"/>.</summary>
    public PanelAhead(in IntegerPart part, long start, long last, long calls)
    {
        at = wanted = part.Weights + (start * part.RowBytes);
        end = part.Weights + (Math.Min(start + PanelScratch.Rows, last) * part.RowBytes);
        bytes = ((end - at) / calls) + 1;
    }

    /// <summary>The next share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch()
    {
        wanted += bytes;
        for (; at < wanted && at < end; at += CacheLine) Sse.Prefetch1(at);
    }
}
