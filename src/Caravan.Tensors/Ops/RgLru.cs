using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>The real-gated linear recurrent unit (De et al. 2024, "Griffin", eq. 4).</summary>
internal static class RgLru
{
    /// <summary>h ← α · h + √(1 − α²) · x with α = exp(decay · gate), and h = x in a sequence's first row; y = h.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, C] F32.</param>
    /// <param name="gates">[N, C] F32, from 0 to 1.</param>
    /// <param name="decay">[C] F32, below 0.</param>
    /// <param name="sequences">Which rows belong together. State: h, [C].</param>
    /// <returns>
    /// [N, C] F32. Gradients, with g = dy + α · g of the next row: dx = g · √(1 − α²), and dgate = decay · e, ddecay = Σ gate · e with
    /// e = g · (α · h′ − α² · x / √(1 − α²)).
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor gates, Tensor decay, in SequenceRuns sequences)
    {
        ShapeGuard.Require(
            gates.Shape == x.Shape && decay.Shape.Elements == x.Shape.Columns, $"RgLru: the gates {gates} and the decay {decay} do not fit {x}.");
        sequences.Require(nameof(RgLru), pass, x, x.Shape.Columns);
        Tensor y = pass.Result(x.Shape, x, gates, decay);
        pass.Kernels.RgLru(sequences.Rows, x.Floats, gates.Floats, decay.Floats, sequences.State, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<RgLruStep>().Set(sequences.Rows, x, gates, decay, y);
        return y;
    }
}

file sealed class RgLruStep : TapeStep
{
    private NativeSpan<SequenceRows> sequences;
    private Tensor x = null!, gates = null!, decay = null!, y = null!;

    public void Set(NativeSpan<SequenceRows> sequences, Tensor x, Tensor gates, Tensor decay, Tensor y) =>
        (this.sequences, this.x, this.gates, this.decay, this.y) = (sequences, x, gates, decay, y);

    public override void Backward(Pass pass) => pass.Kernels.RgLruBackward(
        sequences, x.Floats, gates.Floats, decay.Floats, y.Floats, pass.GradientOf(y),
        pass.GradientOrScratch(x), pass.GradientOrScratch(gates), pass.GradientOrScratch(decay));
}
