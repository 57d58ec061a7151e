using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>
/// A number computed outside of the tape from a tensor's elements, with its gradient: losses over a few log-probabilities or values are plain
/// arithmetic in double, and enter the tape here.
/// </summary>
internal static class Objective
{
    /// <summary>The number as a scalar that depends on x.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">F32 of any shape.</param>
    /// <param name="value">The number.</param>
    /// <param name="gradient">∂value/∂x, an element for each of x's.</param>
    /// <returns>A scalar. Gradient: dx = dy · gradient.</returns>
    public static Tensor Forward(Pass pass, Tensor x, double value, ReadOnlySpan<float> gradient)
    {
        ShapeGuard.Require(x.Shape.Elements == gradient.Length, $"Objective: {gradient.Length} slopes do not fit {x}.");
        NativeSpan<float> saved = pass.Workspace.Take<float>(gradient.Length);
        gradient.CopyTo(saved.AsSpan());
        Tensor y = pass.Result(new Shape(), x);
        y.Floats[0] = (float)value;
        if (y.RequiresGradient) pass.Tape!.Record<ObjectiveStep>().Set(x, saved, y);
        return y;
    }
}

file sealed class ObjectiveStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private NativeSpan<float> slopes;

    public void Set(Tensor x, NativeSpan<float> slopes, Tensor y) => (this.x, this.slopes, this.y) = (x, slopes, y);

    public override void Backward(Pass pass)
    {
        float scale = pass.GradientOf(y)[0];
        NativeSpan<float> gradient = pass.GradientOf(x);
        for (long i = 0; i < gradient.Length; i++) gradient[i] += scale * slopes[i];
    }
}
