using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>The rows that one adapter's virtual tokens have in a batch.</summary>
/// <param name="Place">What the rows are.</param>
/// <param name="Rows">[M, W] F32.</param>
/// <param name="Places">[M] where in the batch they are, ascending.</param>
internal readonly record struct PromptRows(PromptPlace Place, Tensor Rows, NativeSpan<int> Places)
{
    /// <summary>The batch's embeddings with those of these tokens.</summary>
    public Tensor PlaceIn(Pass pass, Tensor x) => Place == PromptPlace.Embeddings ? PlaceRows.Forward(pass, x, Rows, Places) : x;

    /// <summary>A layer's keys, or its values, with those of these tokens.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, W'] F32.</param>
    /// <param name="start">Where in the rows the layer's own begin.</param>
    public Tensor PlaceIn(Pass pass, Tensor x, long start) => Place == PromptPlace.KeysAndValues
        ? PlaceRows.Forward(pass, x, Columns.Forward(pass, Rows, start, x.Shape.Columns, Rows.Shape.Columns), Places)
        : x;
}
