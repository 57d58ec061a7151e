using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>The attention of RWKV-5 and RWKV-6, whose states are matrices (Peng et al. 2024, "Eagle and Finch", §4).</summary>
internal static class MatrixWkv
{
    /// <summary>
    /// Head by head y[t] = r[t]·(S + (bonus · k[t])ᵀ·v[t]) and then S ← w[t] · S + k[t]ᵀ·v[t], with w[t] = e^(−e^decay[t]) between 0 and 1 for each
    /// feature of the keys.
    /// </summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="receptances">[N, H · K] F32: r.</param>
    /// <param name="keys">[N, H · K] F32: k.</param>
    /// <param name="values">[N, H · K] F32: v.</param>
    /// <param name="decays">[H, K] F32, the same for all rows, or [N, H · K].</param>
    /// <param name="bonus">[H, K] F32.</param>
    /// <param name="sequences">Which rows belong together. State: S, [H, K, K].</param>
    /// <returns>
    /// [N, H · K] F32. Gradients, with G the gradient of the S that a row leaves, which is w · G + rᵀ·dy one row earlier: dr = S·dy + bonus · k · (v·dy),
    /// dk = G·v + bonus · r · (v·dy), dv = k·G + (bonus · r·k) · dy, dbonus = Σ r · k · (v·dy), ddecay = −e^decay · w · Σ G · S.
    /// </returns>
    public static Tensor Forward(
        Pass pass, Tensor receptances, Tensor keys, Tensor values, Tensor decays, Tensor bonus, in SequenceRuns sequences)
    {
        long channels = bonus.Shape.Elements;
        ShapeGuard.Require(
            bonus.Shape.Rank == 2 && receptances.Shape.Columns == channels && keys.Shape == receptances.Shape && values.Shape == receptances.Shape
            && (decays.Shape == bonus.Shape || decays.Shape == receptances.Shape),
            $"MatrixWkv: the receptances {receptances}, keys {keys}, values {values} and decays {decays} do not fit the bonus {bonus}.");
        sequences.Require(nameof(MatrixWkv), pass, keys, StateSize(bonus.Shape[0], bonus.Shape[1]));
        Tensor y = pass.Result(values.Shape, receptances, keys, values, decays, bonus);
        pass.Kernels.MatrixWkv(
            sequences.Rows, receptances.Floats, keys.Floats, values.Floats, decays.Floats, bonus.Floats, bonus.Shape[1], sequences.State, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<MatrixWkvStep>().Set(sequences.Rows, receptances, keys, values, decays, bonus, y);
        return y;
    }

    /// <summary>Floats that are kept of a sequence.</summary>
    public static long StateSize(long heads, long headSize) => heads * headSize * headSize;
}

file sealed class MatrixWkvStep : TapeStep
{
    private NativeSpan<SequenceRows> sequences;
    private Tensor receptances = null!, keys = null!, values = null!, decays = null!, bonus = null!, y = null!;

    public void Set(NativeSpan<SequenceRows> sequences, Tensor receptances, Tensor keys, Tensor values, Tensor decays, Tensor bonus, Tensor y) =>
        (this.sequences, this.receptances, this.keys, this.values, this.decays, this.bonus, this.y) = (sequences, receptances, keys, values, decays, bonus, y);

    public override void Backward(Pass pass) => pass.Kernels.MatrixWkvBackward(
        sequences, receptances.Floats, keys.Floats, values.Floats, decays.Floats, bonus.Floats, bonus.Shape[1], pass.GradientOf(y),
        pass.GradientOrScratch(receptances), pass.GradientOrScratch(keys), pass.GradientOrScratch(values), pass.GradientOrScratch(decays),
        pass.GradientOrScratch(bonus));
}
