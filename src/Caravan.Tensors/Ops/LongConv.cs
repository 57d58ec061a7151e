using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>A convolution over the whole past whose filters are sums of complex exponentials (Massaroli et al. 2023, "Laughing Hyena Distillery", §3).</summary>
internal static class LongConv
{
    /// <summary>y[t, c] = skip[c] · x[t, c] + Σ over ages j of h[j, c] · x[t − j, c] with h[j, c] = Σ over modes of Re(residue · pole^j).</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, C] F32.</param>
    /// <param name="poles">[2 · M, C] F32: each mode's real part, then its imaginary part.</param>
    /// <param name="residues">[2 · M, C] F32.</param>
    /// <param name="skip">[C] F32.</param>
    /// <param name="sequences">Which rows belong together. State: each mode's sum z ← pole · z + x, [2 · M, C].</param>
    /// <returns>
    /// [N, C] F32. Gradients, with g that of z: dresidue = Σ dy · conjugate(z), g = dy · conjugate(residue) + conjugate(pole) · g of the next row,
    /// dpole = Σ g · conjugate(z′), dx = skip · dy + Σ Re g, dskip = Σ dy · x.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor poles, Tensor residues, Tensor skip, in SequenceRuns sequences)
    {
        ShapeGuard.Require(
            poles.Shape.Rank == 2 && poles.Shape == residues.Shape && poles.Shape[0] % 2 == 0 && poles.Shape.Columns == x.Shape.Columns
                && skip.Shape.Elements == x.Shape.Columns,
            $"LongConv: the poles {poles}, residues {residues} and skip {skip} do not fit {x}.");
        sequences.Require(nameof(LongConv), pass, x, poles.Shape.Elements);
        Tensor y = pass.Result(x.Shape, x, poles, residues, skip);
        pass.Kernels.LongConv(sequences.Rows, x.Floats, poles.Floats, residues.Floats, skip.Floats, sequences.State, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<LongConvStep>().Set(sequences.Rows, x, poles, residues, skip, y);
        return y;
    }
}

file sealed class LongConvStep : TapeStep
{
    private NativeSpan<SequenceRows> sequences;
    private Tensor x = null!, poles = null!, residues = null!, skip = null!, y = null!;

    public void Set(NativeSpan<SequenceRows> sequences, Tensor x, Tensor poles, Tensor residues, Tensor skip, Tensor y) =>
        (this.sequences, this.x, this.poles, this.residues, this.skip, this.y) = (sequences, x, poles, residues, skip, y);

    public override void Backward(Pass pass) => pass.Kernels.LongConvBackward(
        sequences, x.Floats, poles.Floats, residues.Floats, skip.Floats, pass.GradientOf(y),
        pass.GradientOrScratch(x), pass.GradientOrScratch(poles), pass.GradientOrScratch(residues), pass.GradientOrScratch(skip));
}
