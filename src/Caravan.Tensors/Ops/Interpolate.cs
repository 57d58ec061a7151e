namespace Caravan.Tensors.Ops;

/// <summary>A mixture of two tensors, feature by feature.</summary>
internal static class Interpolate
{
    /// <summary>y[n, d] = b[n, d] + weights[n, d] · (a[n, d] − b[n, d]).</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="a">[N, D] F32.</param>
    /// <param name="b">[N, D] F32.</param>
    /// <param name="weights">[D] F32, the same for all rows, or [N, D]: the share of a.</param>
    /// <returns>[N, D] F32. Gradients: da = weights · dy, db = dy − weights · dy, dweights = dy · (a − b), summed over the rows that share them.</returns>
    public static Tensor Forward(Pass pass, Tensor a, Tensor b, Tensor weights)
    {
        ShapeGuard.Require(
            a.Shape == b.Shape && (weights.Shape.Elements == a.Shape.Columns || weights.Shape == a.Shape), $"Interpolate: the weights {weights} do not fit {a} and {b}.");
        Tensor y = pass.Result(a.Shape, a, b, weights);
        pass.Kernels.Interpolate(a.Floats, b.Floats, weights.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<InterpolateStep>().Set(a, b, weights, y);
        return y;
    }
}

file sealed class InterpolateStep : TapeStep
{
    private Tensor a = null!, b = null!, weights = null!, y = null!;

    public void Set(Tensor a, Tensor b, Tensor weights, Tensor y) => (this.a, this.b, this.weights, this.y) = (a, b, weights, y);

    public override void Backward(Pass pass) => pass.Kernels.InterpolateBackward(
        a.Floats, b.Floats, weights.Floats, pass.GradientOf(y), pass.GradientOf(a), pass.GradientOf(b), pass.GradientOf(weights));
}
