using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>A linear layer whose matrix has blocks on its diagonal and zeros elsewhere: each head's features by themselves.</summary>
internal static class BlockLinear
{
    /// <summary>y[:, h] = x[:, h] · weight[h] + bias[h] for each head h.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, H · K] F32.</param>
    /// <param name="weight">[H, K, O] F32.</param>
    /// <param name="bias">[H · O] F32; null means 0.</param>
    /// <returns>[N, H · O] F32. Gradients, head by head: dx = dy · weightᵀ, dweight = xᵀ · dy, dbias = Σ dy over rows.</returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor weight, Tensor? bias)
    {
        ShapeGuard.Require(weight.Shape.Rank == 3, $"BlockLinear: the weight {weight} must have three dimensions.");
        (long heads, long inputs, long outputs) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        ShapeGuard.Require(
            x.Shape.Columns == heads * inputs && (bias is null || bias.Shape.Elements == heads * outputs), $"BlockLinear: the weight {weight} and the bias {bias} do not fit {x}.");
        Tensor y = pass.Result(x.Shape.WithColumns(heads * outputs), x, weight, bias);
        NativeSpan<float> input = pass.Workspace.Take<float>(x.Shape.Rows * inputs), output = pass.Workspace.Take<float>(x.Shape.Rows * outputs);
        for (long head = 0; head < heads; head++)
        {
            pass.Kernels.CopyColumns(x.Floats, x.Shape.Columns, head * inputs, input, inputs, 0, inputs);
            // What leads gradients back through [outputs, inputs] leads rows forward through [inputs, outputs].
            pass.Kernels.MatMulBackwardInput(input, weight.DType, Block(weight, head), outputs, output, assign: true);
            pass.Kernels.CopyColumns(output, outputs, 0, y.Floats, y.Shape.Columns, head * outputs, outputs);
        }

        if (bias is not null) pass.Kernels.AddBias(y.Floats, bias.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<BlockLinearStep>().Set(x, weight, bias, y);
        return y;
    }

    internal static NativeSpan<byte> Block(Tensor weight, long head)
    {
        long bytes = weight.Bytes.Length / weight.Shape[0];
        return weight.Bytes.Slice(head * bytes, bytes);
    }
}

file sealed class BlockLinearStep : TapeStep
{
    private Tensor x = null!, weight = null!, y = null!;
    private Tensor? bias;

    public void Set(Tensor x, Tensor weight, Tensor? bias, Tensor y) => (this.x, this.weight, this.bias, this.y) = (x, weight, bias, y);

    public override void Backward(Pass pass)
    {
        (long heads, long inputs, long outputs) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        NativeSpan<float> gradientY = pass.GradientOf(y), gradientX = pass.GradientOf(x), gradientWeight = pass.GradientOf(weight), gradientBias = pass.GradientOf(bias);
        NativeSpan<float> given = pass.Workspace.Take<float>(x.Shape.Rows * outputs), input = pass.Workspace.Take<float>(x.Shape.Rows * inputs);
        for (long head = 0; head < heads; head++)
        {
            pass.Kernels.CopyColumns(gradientY, y.Shape.Columns, head * outputs, given, outputs, 0, outputs);
            if (gradientX.Length > 0)
            {
                pass.Kernels.MatMul(given, weight.DType, BlockLinear.Block(weight, head), outputs, input);
                pass.Kernels.CopyColumns(input, inputs, 0, gradientX, x.Shape.Columns, head * inputs, inputs, accumulate: true);
            }

            if (gradientWeight.Length == 0) continue;
            pass.Kernels.CopyColumns(x.Floats, x.Shape.Columns, head * inputs, input, inputs, 0, inputs);
            pass.Kernels.MatMulBackwardWeights(input, given, outputs, gradientWeight.Slice(head * inputs * outputs, inputs * outputs));
        }

        if (gradientBias.Length > 0) pass.Kernels.AddColumnSums(gradientY, gradientBias);
    }
}
