using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>A linear layer whose weights may have any real type, quantized ones included.</summary>
internal static class Linear
{
    /// <summary>y = x · weightᵀ + bias.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, K] F32.</param>
    /// <param name="weight">[O, K], any real type; only F32 weights can be trained, gradients flow through all of them.</param>
    /// <param name="bias">[O] F32; null means 0.</param>
    /// <returns>[N, O] F32. Gradients: dx = dy · weight, dweight = dyᵀ · x, dbias = Σ dy over rows.</returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor weight, Tensor? bias = null)
    {
        ShapeGuard.Require(
            weight.Shape.Rank == 2 && weight.Shape.Columns == x.Shape.Columns, $"Linear: the weight {weight} does not take rows of {x}.");
        ShapeGuard.Require(bias is null || bias.Shape.Elements == weight.Shape[0], $"Linear: the bias {bias} does not fit the weight {weight}.");
        pass.LinearObserver?.Invoke(x, weight);
        Tensor y = pass.Result(x.Shape.WithColumns(weight.Shape[0]), x, weight, bias);
        pass.Kernels.MatMul(x.Floats, weight.DType, weight.Bytes, weight.Shape.Columns, y.Floats);
        if (bias is not null) pass.Kernels.AddBias(y.Floats, bias.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<LinearStep>().Set(x, weight, bias, y);
        return y;
    }
}

file sealed class LinearStep : TapeStep
{
    private Tensor x = null!, weight = null!, y = null!;
    private Tensor? bias;

    public void Set(Tensor x, Tensor weight, Tensor? bias, Tensor y) => (this.x, this.weight, this.bias, this.y) = (x, weight, bias, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradientY = pass.GradientOf(y), gradientX = pass.GradientOf(x);
        NativeSpan<float> gradientWeight = pass.GradientOf(weight), gradientBias = pass.GradientOf(bias);
        long columns = weight.Shape.Columns;
        if (gradientX.Length > 0) pass.Kernels.MatMulBackwardInput(gradientY, weight.DType, weight.Bytes, columns, gradientX);
        if (gradientWeight.Length > 0) pass.Kernels.MatMulBackwardWeights(gradientY, x.Floats, columns, gradientWeight);
        if (gradientBias.Length > 0) pass.Kernels.AddColumnSums(gradientY, gradientBias);
    }
}
