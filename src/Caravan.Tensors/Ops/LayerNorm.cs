using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Layer normalisation (Ba, Kiros and Hinton 2016, eq. 4).</summary>
internal static class LayerNorm
{
    /// <summary>y = (x − mean(x)) / √(variance(x) + epsilon) · weight + bias, over each row, or each of the groups of columns that a row consists of.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, G · D] F32.</param>
    /// <param name="weight">[D] F32, the same for all groups, or [G · D]; null means 1.</param>
    /// <param name="bias">As many as the weight; null means 0.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="columns">D; 0 means whole rows.</param>
    /// <returns>
    /// [N, G · D] F32. With x̂ the normalised row and g = dy·weight: dx = (g − mean(g) − x̂·mean(g·x̂))/σ, dweight = Σ dy·x̂, dbias = Σ dy.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor? weight, Tensor? bias, float epsilon, long columns = 0)
    {
        columns = Groups.Require(nameof(LayerNorm), x, columns, weight, bias);
        ShapeGuard.Require(weight is null || bias is null || weight.Shape.Elements == bias.Shape.Elements, $"LayerNorm: {weight} and {bias} differ in size.");
        Tensor y = pass.Result(x.Shape, x, weight, bias);
        pass.Kernels.LayerNorm(x.Floats, Optional(weight), Optional(bias), columns, epsilon, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<LayerNormStep>().Set(x, weight, bias, columns, epsilon, y);
        return y;
    }

    internal static NativeSpan<float> Optional(Tensor? tensor) => tensor is null ? default : tensor.Floats;
}

file sealed class LayerNormStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private Tensor? weight, bias;
    private long columns;
    private float epsilon;

    public void Set(Tensor x, Tensor? weight, Tensor? bias, long columns, float epsilon, Tensor y) =>
        (this.x, this.weight, this.bias, this.columns, this.epsilon, this.y) = (x, weight, bias, columns, epsilon, y);

    public override void Backward(Pass pass) => pass.Kernels.LayerNormBackward(
        x.Floats, LayerNorm.Optional(weight), columns, epsilon, pass.GradientOf(y),
        pass.GradientOf(x), pass.GradientOf(weight), pass.GradientOf(bias));
}
