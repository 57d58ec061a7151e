using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>
/// A linear layer whose weights may have any real type, quantized ones included. A device, or with a tape a pass, of
/// <see cref="ActivationPrecision.Int8"/> rounds x to 8 bits where it meets quantized weights, and gradients on the way back.
/// </summary>
internal static class Linear
{
    /// <summary>y = x · weightᵀ + bias.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, K] F32.</param>
    /// <param name="weight">[O, K], any real type; only F32 weights can be trained, gradients flow through all of them.</param>
    /// <param name="bias">[O] F32; null means 0.</param>
    /// <returns>
    /// [N, O] F32; with a tape summed in another order than without, and in 8 bits rounded otherwise, which is faster. Gradients: dx = dy · weight, dweight = dyᵀ · x, dbias = Σ dy over rows.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor weight, Tensor? bias = null)
    {
        LinearWeights weights = new(weight, bias);
        Tensor y = Result(pass, x, weights);
        pass.Kernels.MatMul(x.Floats, x.Shape.Columns, [Part(weights, y)], pass.Precision, blocked: pass.Tape is not null);
        return Finish(pass, x, weights, y);
    }

    /// <summary>Two linear layers of the same rows, such as gate and up: x is rounded once, and there is one parallel region.</summary>
    /// <returns>What separate calls return, bit for bit.</returns>
    public static (Tensor First, Tensor Second) Forward(Pass pass, Tensor x, LinearWeights first, LinearWeights second)
    {
        Tensor y0 = Result(pass, x, first), y1 = Result(pass, x, second);
        pass.Kernels.MatMul(x.Floats, x.Shape.Columns, [Part(first, y0), Part(second, y1)], pass.Precision, blocked: pass.Tape is not null);
        return (Finish(pass, x, first, y0), Finish(pass, x, second, y1));
    }

    /// <summary>Three, such as query, key and value.</summary>
    /// <returns>What separate calls return, bit for bit.</returns>
    public static (Tensor First, Tensor Second, Tensor Third) Forward(
        Pass pass, Tensor x, LinearWeights first, LinearWeights second, LinearWeights third)
    {
        Tensor y0 = Result(pass, x, first), y1 = Result(pass, x, second), y2 = Result(pass, x, third);
        pass.Kernels.MatMul(x.Floats, x.Shape.Columns, [Part(first, y0), Part(second, y1), Part(third, y2)], pass.Precision, blocked: pass.Tape is not null);
        return (Finish(pass, x, first, y0), Finish(pass, x, second, y1), Finish(pass, x, third, y2));
    }

    private static Tensor Result(Pass pass, Tensor x, LinearWeights weights)
    {
        (Tensor weight, Tensor? bias) = weights;
        ShapeGuard.Require(
            weight.Shape.Rank == 2 && weight.Shape.Columns == x.Shape.Columns, $"Linear: the weight {weight} does not take rows of {x}.");
        ShapeGuard.Require(bias is null || bias.Shape.Elements == weight.Shape[0], $"Linear: the bias {bias} does not fit the weight {weight}.");
        ShapeGuard.Require(pass.Tape is null || !weight.Interleaved, $"Linear: the weight {weight} was repacked, which no gradient can go back through; load the model without repacking.");
        pass.LinearObserver?.Invoke(x, weight);
        return pass.Result(x.Shape.WithColumns(weight.Shape[0]), x, weight, bias);
    }

    private static MatMulPart Part(LinearWeights weights, Tensor y) =>
        new(weights.Weight.DType, weights.Weight.Bytes, y.Floats, weights.Weight.Interleaved);

    private static Tensor Finish(Pass pass, Tensor x, LinearWeights weights, Tensor y)
    {
        if (weights.Bias is not null) pass.Kernels.AddBias(y.Floats, weights.Bias.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<LinearStep>().Set(x, weights.Weight, weights.Bias, y);
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
        NativeSpan<float> gradientY = pass.GradientOf(y), gradientX = pass.GradientOf(x, out bool firstOfX);
        NativeSpan<float> gradientWeight = pass.GradientOf(weight, out bool firstOfWeight), gradientBias = pass.GradientOf(bias);
        long columns = weight.Shape.Columns;
        if (gradientX.Length > 0) pass.Kernels.MatMulBackwardInput(gradientY, weight.DType, weight.Bytes, columns, gradientX, assign: firstOfX, pass.Precision);
        if (gradientWeight.Length > 0) pass.Kernels.MatMulBackwardWeights(gradientY, x.Floats, columns, gradientWeight, assign: firstOfWeight);
        if (gradientBias.Length > 0) pass.Kernels.AddColumnSums(gradientY, gradientBias);
    }
}
