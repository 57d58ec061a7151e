using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>One layer's share of the pages of keys and values.</summary>
/// <param name="Keys">From the layer's first key of page 0 to the end of the pool.</param>
/// <param name="Values">From the layer's first value of page 0 to the end of the pool.</param>
/// <param name="PageStride">Floats from one page to the next.</param>
internal readonly record struct LayerPages(NativeSpan<float> Keys, NativeSpan<float> Values, long PageStride);
