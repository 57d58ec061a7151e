using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>
/// Linear layers of experts: each group of rows meets the matrix of its expert, which is read once for all of them. What <see cref="Linear"/>
/// says of types and precision holds here too, and each row gets what it would give.
/// </summary>
internal static class GroupedLinear
{
    /// <summary>y[i] = x[i] · weights[e]ᵀ for the rows i of group e.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[S, K] F32, grouped by expert.</param>
    /// <param name="groups">[experts + 1]: where each expert's rows start, ascending; the last is S.</param>
    /// <param name="weights">For each expert [O, K], any real type; only F32 weights can be trained, gradients flow through all of them.</param>
    /// <returns>[S, O] F32. Gradients, group by group: dx = dy · weight, dweight = dyᵀ · x.</returns>
    public static Tensor Forward(Pass pass, Tensor x, NativeSpan<int> groups, Tensor[] weights)
    {
        Tensor y = Result(pass, x, groups, weights);
        for (int expert = 0; expert < weights.Length; expert++)
        {
            if (RowsOf(x, groups, expert) is not { Length: > 0 } rows) continue;
            pass.Kernels.MatMul(rows, x.Shape.Columns, [Part(weights[expert], y, groups, expert)], pass.Precision, blocked: pass.Tape is not null);
        }

        return Finish(pass, x, groups, weights, y);
    }

    /// <summary>Two layers of the same rows, such as gate and up: rows are rounded once, and there is one parallel region for each expert.</summary>
    /// <returns>What separate calls return, bit for bit.</returns>
    public static (Tensor First, Tensor Second) Forward(Pass pass, Tensor x, NativeSpan<int> groups, Tensor[] first, Tensor[] second)
    {
        Tensor y0 = Result(pass, x, groups, first), y1 = Result(pass, x, groups, second);
        for (int expert = 0; expert < first.Length; expert++)
        {
            if (RowsOf(x, groups, expert) is not { Length: > 0 } rows) continue;
            pass.Kernels.MatMul(
                rows, x.Shape.Columns, [Part(first[expert], y0, groups, expert), Part(second[expert], y1, groups, expert)], pass.Precision, blocked: pass.Tape is not null);
        }

        return (Finish(pass, x, groups, first, y0), Finish(pass, x, groups, second, y1));
    }

    /// <summary>The elements of a group's rows.</summary>
    internal static NativeSpan<float> RowsOf(Tensor tensor, NativeSpan<int> groups, int expert) => Slice(tensor.Floats, tensor.Shape.Columns, groups, expert);

    /// <summary>The same of a gradient; an empty span stays one.</summary>
    internal static NativeSpan<float> Slice(NativeSpan<float> elements, long columns, NativeSpan<int> groups, int expert) =>
        elements.Length == 0 ? elements : elements.Slice(groups[expert] * columns, (groups[expert + 1] - groups[expert]) * columns);

    private static Tensor Result(Pass pass, Tensor x, NativeSpan<int> groups, Tensor[] weights)
    {
        ShapeGuard.Require(groups.Length == weights.Length + 1, $"GroupedLinear: {groups.Length} bounds do not group rows for {weights.Length} experts.");
        Tensor y = pass.Result(x.Shape.WithColumns(weights[0].Shape[0]), x);
        for (int expert = 0; expert < weights.Length; expert++)
        {
            Tensor weight = weights[expert];
            ShapeGuard.Require(
                weight.Shape.Rank == 2 && weight.Shape.Columns == x.Shape.Columns && weight.Shape[0] == weights[0].Shape[0],
                $"GroupedLinear: the weight {weight} does not take rows of {x} to rows of {y}.");
            ShapeGuard.Require(pass.Tape is null || !weight.Interleaved, $"GroupedLinear: the weight {weight} was repacked, which no gradient can go back through; load the model without repacking.");
            pass.Depend(y, weight);
            if (pass.LinearObserver is not null && RowsOf(x, groups, expert) is { Length: > 0 } rows)
                pass.LinearObserver(Tensor.View(new Shape(rows.Length / x.Shape.Columns, x.Shape.Columns), DType.F32, rows.Cast<byte>()), weight);
        }

        return y;
    }

    private static MatMulPart Part(Tensor weight, Tensor y, NativeSpan<int> groups, int expert) =>
        new(weight.DType, weight.Bytes, RowsOf(y, groups, expert), weight.Interleaved);

    private static Tensor Finish(Pass pass, Tensor x, NativeSpan<int> groups, Tensor[] weights, Tensor y)
    {
        if (y.RequiresGradient) pass.Tape!.Record<GroupedLinearStep>().Set(x, groups, weights, y);
        return y;
    }
}

file sealed class GroupedLinearStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private NativeSpan<int> groups;
    private Tensor[] weights = [];

    public void Set(Tensor x, NativeSpan<int> groups, Tensor[] weights, Tensor y) =>
        (this.x, this.groups, this.weights, this.y) = (x, groups, weights, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradientY = pass.GradientOf(y), gradientX = pass.GradientOf(x);
        long columns = x.Shape.Columns, outputs = y.Shape.Columns;
        for (int expert = 0; expert < weights.Length; expert++)
        {
            NativeSpan<float> gradients = GroupedLinear.Slice(gradientY, outputs, groups, expert), weightGradient = pass.GradientOf(weights[expert]);
            if (gradients.Length == 0) continue;
            if (gradientX.Length > 0)
                pass.Kernels.MatMulBackwardInput(
                    gradients, weights[expert].DType, weights[expert].Bytes, columns, GroupedLinear.Slice(gradientX, columns, groups, expert), precision: pass.Precision);
            if (weightGradient.Length > 0)
                pass.Kernels.MatMulBackwardWeights(gradients, GroupedLinear.RowsOf(x, groups, expert), columns, weightGradient);
        }
    }
}
