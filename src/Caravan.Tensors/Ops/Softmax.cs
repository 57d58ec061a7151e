namespace Caravan.Tensors.Ops;

/// <summary>The softmax of each row.</summary>
internal static class Softmax
{
    /// <summary>y[n, i] = exp(x[n, i]) / Σ exp(x[n, :]), computed without overflow.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <returns>[N, D] F32. Gradient: dx = y · (dy − Σ y·dy).</returns>
    public static Tensor Forward(Pass pass, Tensor x)
    {
        Tensor y = pass.Result(x.Shape, x);
        pass.Kernels.Softmax(x.Floats, x.Shape.Columns, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<SoftmaxStep>().Set(x, y);
        return y;
    }
}

file sealed class SoftmaxStep : TapeStep
{
    private Tensor x = null!, y = null!;

    public void Set(Tensor x, Tensor y) => (this.x, this.y) = (x, y);

    public override void Backward(Pass pass) =>
        pass.Kernels.SoftmaxBackward(y.Floats, y.Shape.Columns, pass.GradientOf(y), pass.GradientOf(x));
}
