using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>The sum of two tensors: residual connections.</summary>
internal static class Add
{
    /// <summary>y = a + b.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="a">Any shape, F32.</param>
    /// <param name="b">The same shape, F32.</param>
    /// <returns>The same shape. Gradients: da = dy, db = dy.</returns>
    public static Tensor Forward(Pass pass, Tensor a, Tensor b)
    {
        ShapeGuard.Require(a.Shape == b.Shape, $"Add: {a} and {b} must have the same shape.");
        Tensor y = pass.Result(a.Shape, a, b);
        pass.Kernels.Add(a.Floats, b.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<AddStep>().Set(a, b, y);
        return y;
    }
}

file sealed class AddStep : TapeStep
{
    private Tensor a = null!, b = null!, y = null!;

    public void Set(Tensor a, Tensor b, Tensor y) => (this.a, this.b, this.y) = (a, b, y);

    public override void Backward(Pass pass)
    {
        Accumulate(pass, a);
        Accumulate(pass, b);
    }

    private void Accumulate(Pass pass, Tensor input)
    {
        NativeSpan<float> gradient = pass.GradientOf(input, out bool first);
        if (first) pass.Kernels.Scale(pass.GradientOf(y), 1, gradient);
        else if (gradient.Length > 0) pass.Kernels.Add(gradient, pass.GradientOf(y), gradient);
    }
}
