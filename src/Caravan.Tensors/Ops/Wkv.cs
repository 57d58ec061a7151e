using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>The attention of RWKV-4 (Peng et al. 2023, "RWKV: Reinventing RNNs for the Transformer Era", eq. 16).</summary>
internal static class Wkv
{
    /// <summary>
    /// y[t] = Σ e^(w) · values / Σ e^(w) over the rows so far, with w = first + key for row t itself and w = key + (t − 1 − i) · decay for each row i before.
    /// </summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="keys">[N, C] F32.</param>
    /// <param name="values">[N, C] F32.</param>
    /// <param name="decay">[C] F32, below 0.</param>
    /// <param name="first">[C] F32.</param>
    /// <param name="sequences">Which rows belong together. State: both sums, divided by e^m, and m, [3, C].</param>
    /// <returns>
    /// [N, C] F32. Gradients, with p the share of a row in y[t]: dvalue = Σ p · dy, dkey = Σ p · (value − y) · dy, dfirst that of the row itself, and
    /// ddecay that of the others times their age.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor keys, Tensor values, Tensor decay, Tensor first, in SequenceRuns sequences)
    {
        ShapeGuard.Require(
            values.Shape == keys.Shape && decay.Shape.Elements == keys.Shape.Columns && first.Shape.Elements == keys.Shape.Columns,
            $"Wkv: the values {values}, the decay {decay} and the bonus {first} do not fit the keys {keys}.");
        sequences.Require(nameof(Wkv), pass, keys, StateSize(keys.Shape.Columns));
        Tensor y = pass.Result(keys.Shape, keys, values, decay, first);
        pass.Kernels.Wkv(sequences.Rows, keys.Floats, values.Floats, decay.Floats, first.Floats, sequences.State, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<WkvStep>().Set(sequences.Rows, keys, values, decay, first, y);
        return y;
    }

    /// <summary>Floats that are kept of a sequence.</summary>
    public static long StateSize(long channels) => 3 * channels;
}

file sealed class WkvStep : TapeStep
{
    private NativeSpan<SequenceRows> sequences;
    private Tensor keys = null!, values = null!, decay = null!, first = null!, y = null!;

    public void Set(NativeSpan<SequenceRows> sequences, Tensor keys, Tensor values, Tensor decay, Tensor first, Tensor y) =>
        (this.sequences, this.keys, this.values, this.decay, this.first, this.y) = (sequences, keys, values, decay, first, y);

    public override void Backward(Pass pass) => pass.Kernels.WkvBackward(
        sequences, keys.Floats, values.Floats, decay.Floats, first.Floats, pass.GradientOf(y),
        pass.GradientOrScratch(keys), pass.GradientOrScratch(values), pass.GradientOrScratch(decay), pass.GradientOrScratch(first));
}
