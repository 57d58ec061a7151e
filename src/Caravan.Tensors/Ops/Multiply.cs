namespace Caravan.Tensors.Ops;

/// <summary>The product of two tensors, element by element.</summary>
internal static class Multiply
{
    /// <summary>y = a · b.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="a">Any shape, F32.</param>
    /// <param name="b">The same shape, F32.</param>
    /// <returns>The same shape. Gradients: da = b · dy, db = a · dy.</returns>
    public static Tensor Forward(Pass pass, Tensor a, Tensor b)
    {
        ShapeGuard.Require(a.Shape == b.Shape, $"Multiply: {a} and {b} must have the same shape.");
        Tensor y = pass.Result(a.Shape, a, b);
        pass.Kernels.Multiply(a.Floats, b.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<MultiplyStep>().Set(a, b, y);
        return y;
    }
}

file sealed class MultiplyStep : TapeStep
{
    private Tensor a = null!, b = null!, y = null!;

    public void Set(Tensor a, Tensor b, Tensor y) => (this.a, this.b, this.y) = (a, b, y);

    public override void Backward(Pass pass)
    {
        if (a.RequiresGradient) pass.Kernels.AddProducts(pass.GradientOf(y), b.Floats, pass.GradientOf(a));
        if (b.RequiresGradient) pass.Kernels.AddProducts(pass.GradientOf(y), a.Floats, pass.GradientOf(b));
    }
}
