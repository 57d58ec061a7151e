using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Rotary position embedding (Su et al. 2021, "RoFormer", eq. 34).</summary>
internal static class Rope
{
    /// <summary>
    /// Turns each pair (a, b) of features by the angle of its row: (a·cos − b·sin, b·cos + a·sin). Features beyond the table's pairs are copied.
    /// </summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, heads · headSize] F32.</param>
    /// <param name="angles">Cosines and sines of the N rows.</param>
    /// <param name="headSize">Features per head.</param>
    /// <param name="layout">Which features form a pair.</param>
    /// <param name="turns">Sets of angles that each row has side by side, which its heads take in turn.</param>
    /// <returns>[N, heads · headSize] F32. Gradient: dx is dy turned back by the same angles (times the same attention factor).</returns>
    public static Tensor Forward(Pass pass, Tensor x, RotaryAngles angles, int headSize, RotaryLayout layout, int turns = 1)
    {
        ShapeGuard.Require(
            angles.Sines.Shape == angles.Cosines.Shape && x.Shape.Rows == angles.Cosines.Shape[0] && x.Shape.Columns % headSize == 0 && 2 * angles.Cosines.Shape[1] <= headSize * turns && angles.Cosines.Shape[1] % turns == 0,
            $"Rope: {x} in heads of {headSize} does not fit the angles' {angles.Cosines} and {angles.Sines}.");
        Tensor y = pass.Result(x.Shape, x);
        pass.Kernels.Rope(x.Floats, angles.Cosines.Floats, angles.Sines.Floats, x.Shape.Rows, 1, headSize, layout, y.Floats, turns: turns);
        if (y.RequiresGradient) pass.Tape!.Record<RopeStep>().Set(x, angles, headSize, layout, turns, y);
        return y;
    }
}

file sealed class RopeStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private RotaryAngles angles;
    private int headSize, turns;
    private RotaryLayout layout;

    public void Set(Tensor x, RotaryAngles angles, int headSize, RotaryLayout layout, int turns, Tensor y) =>
        (this.x, this.angles, this.headSize, this.layout, this.turns, this.y) = (x, angles, headSize, layout, turns, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradientX = pass.GradientOf(x, out bool first);
        pass.Kernels.Rope(pass.GradientOf(y), angles.Cosines.Floats, angles.Sines.Floats, x.Shape.Rows, -1, headSize, layout, gradientX, accumulate: !first, turns);
    }
}
