using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Retention (Sun et al. 2023, "Retentive Network", eq. 5 and 6).</summary>
internal static class Retention
{
    /// <summary>y[t] = Σ decay^(t − i) · (q[t]·k[i]) · v[i] over the rows i ≤ t, head by head, by way of S ← decay · S + kᵀ·v.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="queries">[N, H · K] F32.</param>
    /// <param name="keys">[N, H · K] F32.</param>
    /// <param name="values">[N, H · D] F32.</param>
    /// <param name="decays">[H] F32, from 0 to 1; a constant.</param>
    /// <param name="sequences">Which rows belong together. State: S, [H, K, D].</param>
    /// <returns>
    /// [N, H · D] F32. Gradients: dq = dy·Sᵀ, and with R = qᵀ·dy + decay · R of the next row dk = v·Rᵀ, dv = k·R.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor queries, Tensor keys, Tensor values, Tensor decays, in SequenceRuns sequences)
    {
        long heads = decays.Shape.Elements;
        ShapeGuard.Require(
            keys.Shape == queries.Shape && values.Shape.Rows == queries.Shape.Rows && queries.Shape.Columns % heads == 0 && values.Shape.Columns % heads == 0,
            $"Retention: the queries {queries}, keys {keys} and values {values} do not make {heads} heads.");
        sequences.Require(nameof(Retention), pass, queries, StateSize(queries.Shape.Columns, values.Shape.Columns, heads));
        Tensor y = pass.Result(values.Shape, queries, keys, values);
        pass.Kernels.Retention(sequences.Rows, queries.Floats, keys.Floats, values.Floats, decays.Floats, sequences.State, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<RetentionStep>().Set(sequences.Rows, queries, keys, values, decays, y);
        return y;
    }

    /// <summary>Floats that are kept of a sequence.</summary>
    public static long StateSize(long keyWidth, long valueWidth, long heads) => keyWidth / heads * valueWidth;
}

file sealed class RetentionStep : TapeStep
{
    private NativeSpan<SequenceRows> sequences;
    private Tensor queries = null!, keys = null!, values = null!, decays = null!, y = null!;

    public void Set(NativeSpan<SequenceRows> sequences, Tensor queries, Tensor keys, Tensor values, Tensor decays, Tensor y) =>
        (this.sequences, this.queries, this.keys, this.values, this.decays, this.y) = (sequences, queries, keys, values, decays, y);

    public override void Backward(Pass pass) => pass.Kernels.RetentionBackward(
        sequences, queries.Floats, keys.Floats, values.Floats, decays.Floats, pass.GradientOf(y),
        pass.GradientOrScratch(queries), pass.GradientOrScratch(keys), pass.GradientOrScratch(values));
}
