using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// The memory of a model's keys and values: pages of 16 tokens, each holding all layers (Kwon et al. 2023, "PagedAttention").
/// Which sequence owns which page is the caller's business. The system commits the memory when it is first written.
/// </summary>
internal sealed class KeyValuePages : IDisposable
{
    private readonly NativeBuffer buffer;
    private readonly long[] layerOffsets;
    private readonly long[] layerFloats;
    private readonly long pageStride;

    /// <summary>Memory for <paramref name="pages"/> pages of a model.</summary>
    public KeyValuePages(DecoderSpec spec, int pages)
    {
        Count = pages;
        layerFloats = [.. spec.Layers.Select(layer => (long)KernelSet.PageTokens * layer.SequenceMixer.KeyValueWidth)];
        layerOffsets = new long[layerFloats.Length];
        for (int i = 0; i < layerFloats.Length; i++)
        {
            layerOffsets[i] = pageStride;
            pageStride += 2 * layerFloats[i];
        }

        buffer = new NativeBuffer(checked(pages * pageStride * sizeof(float)), clear: false);
    }

    /// <summary>Tokens per page.</summary>
    public static int PageTokens => KernelSet.PageTokens;

    /// <summary>Number of pages.</summary>
    public int Count { get; }

    /// <summary>Bytes of one page.</summary>
    public long PageBytes => pageStride * sizeof(float);

    /// <summary>Copies a whole page, for a sequence that parts ways with another.</summary>
    public void Copy(int source, int destination) =>
        buffer.Bytes.Slice(source * PageBytes, PageBytes).CopyTo(buffer.Bytes.Slice(destination * PageBytes, PageBytes));

    /// <summary>Frees the memory.</summary>
    public void Dispose() => buffer.Dispose();

    /// <summary>The share of one layer.</summary>
    internal LayerPages Layer(int layer)
    {
        NativeSpan<float> keys = buffer.Bytes.Cast<float>().Slice(layerOffsets[layer]);
        return new LayerPages(keys, keys.Slice(layerFloats[layer]), pageStride);
    }
}
