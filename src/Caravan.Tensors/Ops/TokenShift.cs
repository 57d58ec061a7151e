using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Each row's predecessor in its sequence (Peng et al. 2023, "RWKV", §3.1).</summary>
internal static class TokenShift
{
    /// <summary>y[t] = x[t − 1]; 0 before a sequence's first row.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="sequences">Which rows belong together. State: the last row, [D].</param>
    /// <returns>[N, D] F32. Gradient: dx[t] = dy[t + 1].</returns>
    public static Tensor Forward(Pass pass, Tensor x, in SequenceRuns sequences)
    {
        sequences.Require(nameof(TokenShift), pass, x, x.Shape.Columns);
        Tensor y = pass.Result(x.Shape, x);
        pass.Kernels.TokenShift(sequences.Rows, x.Floats, x.Shape.Columns, sequences.State, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<TokenShiftStep>().Set(sequences.Rows, x, y);
        return y;
    }
}

file sealed class TokenShiftStep : TapeStep
{
    private NativeSpan<SequenceRows> sequences;
    private Tensor x = null!, y = null!;

    public void Set(NativeSpan<SequenceRows> sequences, Tensor x, Tensor y) => (this.sequences, this.x, this.y) = (sequences, x, y);

    public override void Backward(Pass pass) => pass.Kernels.TokenShiftBackward(sequences, pass.GradientOf(y), x.Shape.Columns, pass.GradientOf(x));
}
