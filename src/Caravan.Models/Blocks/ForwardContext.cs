using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>What every layer of one forward pass shares: where rows belong, how their places enter, where their keys are kept.</summary>
internal readonly record struct ForwardContext(
    NativeSpan<AttentionSegment> Segments, RotaryTables Rotary, BiasTables Biases, KeyValuePages? Pages, PageMap Map);
