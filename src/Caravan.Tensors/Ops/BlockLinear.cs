using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>A linear layer whose matrix has blocks on its diagonal and zeros elsewhere: each head's features by themselves.</summary>
internal static class BlockLinear
{
    /// <summary>y[:, h] = x[:, h] · blocks[h]ᵀ + bias[h] for each head h.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, H · K] F32.</param>
    /// <param name="blocks">For each head [O, K], any real type; only F32 weights can be trained, gradients flow through all of them.</param>
    /// <param name="bias">[H · O] F32; null means 0.</param>
    /// <returns>[N, H · O] F32. Gradients, head by head: dx = dy · block, dblock = dyᵀ · x, dbias = Σ dy over rows.</returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor[] blocks, Tensor? bias)
    {
        long rows = x.Shape.Rows, inputs = blocks[0].Shape.Columns, outputs = blocks[0].Shape[0];
        foreach (Tensor block in blocks) ShapeGuard.Require(block.Shape == blocks[0].Shape, $"BlockLinear: the block {block} differs from {blocks[0]}.");
        ShapeGuard.Require(
            x.Shape.Columns == blocks.Length * inputs && (bias is null || bias.Shape.Elements == blocks.Length * outputs),
            $"BlockLinear: {blocks.Length} blocks {blocks[0]} and the bias {bias} do not fit {x}.");
        Tensor y = pass.Result(x.Shape.WithColumns(blocks.Length * outputs), x, bias);
        NativeSpan<float> input = pass.Workspace.Take<float>(rows * inputs), output = pass.Workspace.Take<float>(rows * outputs);
        for (int head = 0; head < blocks.Length; head++)
        {
            y.RequiresGradient |= pass.Tape is not null && blocks[head].RequiresGradient;
            pass.Kernels.CopyColumns(x.Floats, x.Shape.Columns, head * inputs, input, inputs, 0, inputs);
            pass.LinearObserver?.Invoke(Tensor.View(new Shape(rows, inputs), DType.F32, input.Cast<byte>()), blocks[head]);
            pass.Kernels.MatMul(input, inputs, [new MatMulPart(blocks[head].DType, blocks[head].Bytes, output, blocks[head].Interleaved)], pass.Precision);
            pass.Kernels.CopyColumns(output, outputs, 0, y.Floats, y.Shape.Columns, head * outputs, outputs);
        }

        if (bias is not null) pass.Kernels.AddBias(y.Floats, bias.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<BlockLinearStep>().Set(x, blocks, bias, y);
        return y;
    }
}

file sealed class BlockLinearStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private Tensor[] blocks = [];
    private Tensor? bias;

    public void Set(Tensor x, Tensor[] blocks, Tensor? bias, Tensor y) => (this.x, this.blocks, this.bias, this.y) = (x, blocks, bias, y);

    public override void Backward(Pass pass)
    {
        long rows = x.Shape.Rows, inputs = blocks[0].Shape.Columns, outputs = blocks[0].Shape[0];
        NativeSpan<float> gradientY = pass.GradientOf(y), gradientX = pass.GradientOf(x), gradientBias = pass.GradientOf(bias);
        NativeSpan<float> given = pass.Workspace.Take<float>(rows * outputs), input = pass.Workspace.Take<float>(rows * inputs);
        for (int head = 0; head < blocks.Length; head++)
        {
            Tensor block = blocks[head];
            pass.Kernels.CopyColumns(gradientY, y.Shape.Columns, head * outputs, given, outputs, 0, outputs);
            if (gradientX.Length > 0)
            {
                input.Clear();
                pass.Kernels.MatMulBackwardInput(given, block.DType, block.Bytes, inputs, input);
                pass.Kernels.CopyColumns(input, inputs, 0, gradientX, x.Shape.Columns, head * inputs, inputs, accumulate: true);
            }

            if (!block.RequiresGradient) continue;
            pass.Kernels.CopyColumns(x.Floats, x.Shape.Columns, head * inputs, input, inputs, 0, inputs);
            pass.Kernels.MatMulBackwardWeights(given, input, inputs, pass.GradientOf(block));
        }

        if (gradientBias.Length > 0) pass.Kernels.AddColumnSums(gradientY, gradientBias);
    }
}
