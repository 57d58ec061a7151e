namespace Caravan.Tensors.Ops;

/// <summary>Root-mean-square normalisation (Zhang and Sennrich 2019, eq. 4).</summary>
internal static class RmsNorm
{
    /// <summary>y = x / √(mean(x²) + epsilon) · weight, over each row, or over each of the groups of columns that a row consists of (its heads).</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, G · D] F32.</param>
    /// <param name="weight">[D] F32, the same for all groups, or [G · D].</param>
    /// <param name="epsilon">Added under the root.</param>
    /// <param name="columns">D; 0 means whole rows.</param>
    /// <returns>
    /// [N, G · D] F32. With x̂ = x/σ and g = dy·weight: dx = (g − x̂·mean(g·x̂))/σ, dweight = Σ dy·x̂.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor weight, float epsilon, long columns = 0)
    {
        columns = Groups.Require(nameof(RmsNorm), x, columns, weight);
        Tensor y = pass.Result(x.Shape, x, weight);
        pass.Kernels.RmsNorm(x.Floats, weight.Floats, columns, epsilon, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<RmsNormStep>().Set(x, weight, columns, epsilon, y);
        return y;
    }
}

file sealed class RmsNormStep : TapeStep
{
    private Tensor x = null!, weight = null!, y = null!;
    private long columns;
    private float epsilon;

    public void Set(Tensor x, Tensor weight, long columns, float epsilon, Tensor y) =>
        (this.x, this.weight, this.columns, this.epsilon, this.y) = (x, weight, columns, epsilon, y);

    public override void Backward(Pass pass) => pass.Kernels.RmsNormBackward(
        x.Floats, weight.Floats, columns, epsilon, pass.GradientOf(y), pass.GradientOf(x), pass.GradientOf(weight));
}
