using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// The memory of a model's keys and values: pages of 16 tokens, each holding all layers (Kwon et al. 2023, "PagedAttention").
/// Which sequence owns which page is the caller's business. The system commits the memory when it is first written.
/// </summary>
internal sealed class KeyValuePages : IDisposable
{
    private readonly NativeBuffer buffer;
    private readonly long[] layerOffsets;
    private readonly long[] layerBytes;

    /// <summary>Memory for <paramref name="pages"/> pages of a model.</summary>
    /// <param name="spec">The model.</param>
    /// <param name="pages">How many pages.</param>
    /// <param name="type">F32, F16, Q8_0 or Q4_0.</param>
    /// <exception cref="CaravanException">The type is another, or a head's features do not fill whole blocks of it, or memory is short.</exception>
    public KeyValuePages(DecoderSpec spec, int pages, DType type)
    {
        Count = pages;
        Type = type;
        layerBytes = [.. spec.Layers.Select(layer => LayerBytes(layer, type))];
        layerOffsets = new long[layerBytes.Length];
        for (int i = 0; i < layerBytes.Length; i++)
        {
            layerOffsets[i] = PageBytes;
            PageBytes += 2 * layerBytes[i];
        }

        buffer = new NativeBuffer(checked(pages * PageBytes), clear: false);
    }

    /// <summary>Tokens per page.</summary>
    public static int PageTokens => KernelSet.PageTokens;

    /// <summary>Number of pages.</summary>
    public int Count { get; }

    /// <summary>How numbers are kept.</summary>
    public DType Type { get; }

    /// <summary>Bytes of one page.</summary>
    public long PageBytes { get; }

    /// <summary>Copies a whole page, for a sequence that parts ways with another.</summary>
    public void Copy(int source, int destination) =>
        buffer.Bytes.Slice(source * PageBytes, PageBytes).CopyTo(buffer.Bytes.Slice(destination * PageBytes, PageBytes));

    /// <summary>Frees the memory.</summary>
    public void Dispose() => buffer.Dispose();

    /// <summary>The share of one layer.</summary>
    internal LayerPages Layer(int layer)
    {
        NativeSpan<byte> keys = buffer.Bytes.Slice(layerOffsets[layer]);
        return new LayerPages(Type, keys, keys.Slice(layerBytes[layer]), PageBytes);
    }

    /// <summary>Bytes of the keys, and of the values, that a page holds for a layer.</summary>
    private static long LayerBytes(LayerSpec layer, DType type)
    {
        foreach (SequenceMixerSpec? mixer in (ReadOnlySpan<SequenceMixerSpec?>)[layer.SequenceMixer, layer.CrossAttention])
            if (mixer?.KeyValueWidth > 0) Attention.RequirePageType(type, mixer.KeyHeadSize);
        return type.Bytes((long)KernelSet.PageTokens * layer.KeyValueWidth);
    }
}
