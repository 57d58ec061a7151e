using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>A short convolution of each channel by itself that looks at the present and the past (as in Mamba, Griffin and Hyena).</summary>
internal static class CausalConv
{
    /// <summary>y[t, c] = bias[c] + Σ weight[j, c] · x[t − (taps − 1) + j, c]; before its beginning a sequence is 0.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, C] F32.</param>
    /// <param name="weight">[taps, C] F32.</param>
    /// <param name="bias">[C] F32; null for none.</param>
    /// <param name="sequences">Which rows belong together. State: the last taps − 1 inputs, [taps − 1, C].</param>
    /// <returns>
    /// [N, C] F32. Gradients: dx[t] = Σ weight[j] · dy[t + (taps − 1) − j], dweight[j] = Σ dy[t] · x[t − (taps − 1) + j], dbias = Σ dy.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor weight, Tensor? bias, in SequenceRuns sequences)
    {
        long channels = x.Shape.Columns;
        ShapeGuard.Require(
            weight.Shape.Rank == 2 && weight.Shape.Columns == channels && (bias is null || bias.Shape.Elements == channels),
            $"CausalConv: the weight {weight} and the bias {bias} do not fit {x}.");
        sequences.Require(nameof(CausalConv), pass, x, StateSize((int)weight.Shape[0], channels));
        Tensor y = pass.Result(x.Shape, x, weight, bias);
        pass.Kernels.CausalConv(sequences.Rows, x.Floats, weight.Floats, LayerNorm.Optional(bias), channels, sequences.State, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<CausalConvStep>().Set(sequences.Rows, x, weight, bias, y);
        return y;
    }

    /// <summary>Floats that are kept of a sequence.</summary>
    public static long StateSize(int taps, long channels) => (taps - 1) * channels;
}

file sealed class CausalConvStep : TapeStep
{
    private NativeSpan<SequenceRows> sequences;
    private Tensor x = null!, weight = null!, y = null!;
    private Tensor? bias;

    public void Set(NativeSpan<SequenceRows> sequences, Tensor x, Tensor weight, Tensor? bias, Tensor y) =>
        (this.sequences, this.x, this.weight, this.bias, this.y) = (sequences, x, weight, bias, y);

    public override void Backward(Pass pass) => pass.Kernels.CausalConvBackward(
        sequences, x.Floats, weight.Floats, x.Shape.Columns, pass.GradientOf(y), pass.GradientOf(x), pass.GradientOf(weight), pass.GradientOf(bias));
}
