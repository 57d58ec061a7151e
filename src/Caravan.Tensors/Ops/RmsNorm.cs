namespace Caravan.Tensors.Ops;

/// <summary>Root-mean-square normalisation (Zhang and Sennrich 2019, eq. 4).</summary>
internal static class RmsNorm
{
    /// <summary>y = x / √(mean(x²) + epsilon) · weight, over each row.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="weight">[D] F32.</param>
    /// <param name="epsilon">Added under the root.</param>
    /// <returns>
    /// [N, D] F32. With x̂ = x/σ and g = dy·weight: dx = (g − x̂·mean(g·x̂))/σ, dweight = Σ dy·x̂.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor weight, float epsilon)
    {
        ShapeGuard.Require(weight.Shape.Elements == x.Shape.Columns, $"RmsNorm: the weight {weight} does not fit rows of {x}.");
        Tensor y = pass.Result(x.Shape, x, weight);
        pass.Kernels.RmsNorm(x.Floats, weight.Floats, epsilon, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<RmsNormStep>().Set(x, weight, epsilon, y);
        return y;
    }
}

file sealed class RmsNormStep : TapeStep
{
    private Tensor x = null!, weight = null!, y = null!;
    private float epsilon;

    public void Set(Tensor x, Tensor weight, float epsilon, Tensor y) => (this.x, this.weight, this.epsilon, this.y) = (x, weight, epsilon, y);

    public override void Backward(Pass pass) => pass.Kernels.RmsNormBackward(
        x.Floats, weight.Floats, epsilon, pass.GradientOf(y), pass.GradientOf(x), pass.GradientOf(weight));
}
