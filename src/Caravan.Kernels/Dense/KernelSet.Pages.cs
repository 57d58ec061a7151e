namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>
    /// Copies new key or value rows to their places in the pages: row i goes to row positions[i] % PageTokens of page pages[i],
    /// pages being <paramref name="pageStride"/> floats apart.
    /// </summary>
    public abstract void StoreRows(NativeSpan<float> rows, NativeSpan<int> pages, NativeSpan<int> positions, long pageStride, NativeSpan<float> destination);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void StoreRows(
        NativeSpan<float> rows, NativeSpan<int> pages, NativeSpan<int> positions, long pageStride, NativeSpan<float> destination)
    {
        long width = rows.Length / Math.Max(1, pages.Length);
        for (long i = 0; i < pages.Length; i++)
        {
            long offset = (pages[i] * pageStride) + (positions[i] % PageTokens * width);
            rows.Slice(i * width, width).CopyTo(destination.Slice(offset, width));
        }
    }
}
