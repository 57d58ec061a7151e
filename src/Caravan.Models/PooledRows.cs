using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>One row for each text out of a row for each token.</summary>
internal static class PooledRows
{
    /// <summary>The mean, the first or the last row of each sequence.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="rows">[N, D] F32.</param>
    /// <param name="batch">The batch they are of.</param>
    /// <param name="pooling">Which; <see cref="Pooling.Projected"/> gives the first.</param>
    /// <returns>[S, D] F32.</returns>
    public static Tensor Of(Pass pass, Tensor rows, Batch batch, Pooling pooling)
    {
        if (pooling == Pooling.Mean)
        {
            NativeSpan<AttentionSegment> segments = pass.Workspace.Take<AttentionSegment>(batch.Sequences);
            batch.Segments.CopyTo(segments.AsSpan());
            return MeanRows.Forward(pass, rows, segments);
        }

        NativeSpan<int> places = pass.Workspace.Take<int>(batch.Sequences);
        for (int i = 0; i < batch.Sequences; i++)
            places[i] = batch.Segments[i].QueryStart + (pooling == Pooling.Last ? batch.Segments[i].QueryCount - 1 : 0);
        return Embedding.Forward(pass, rows, places.AsSpan());
    }
}
