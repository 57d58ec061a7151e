using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>The selective state space of Mamba (Gu and Dao 2023, alg. 2).</summary>
internal static class SelectiveScan
{
    /// <summary>
    /// h[s, c] ← exp(step[t, c] · a[s, c]) · h[s, c] + step[t, c] · b[t, s] · x[t, c]; y[t, c] = Σ c[t, s] · h[s, c] + skip[c] · x[t, c].
    /// </summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, C] F32.</param>
    /// <param name="step">[N, C] F32, above 0.</param>
    /// <param name="a">[S, C] F32, below 0.</param>
    /// <param name="b">[N, S] F32.</param>
    /// <param name="c">[N, S] F32.</param>
    /// <param name="skip">[C] F32.</param>
    /// <param name="sequences">Which rows belong together. State: h, [S, C].</param>
    /// <returns>
    /// [N, C] F32. Gradients, with g that of h (g = c · dy + g of the next row · its decay): dx = step · Σ b·g + skip · dy, db = Σ g · step · x,
    /// dc = Σ dy · h, da = Σ g · h′ · decay · step, dstep = Σ g · (h′ · decay · a + b · x), dskip = Σ dy · x.
    /// </returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor step, Tensor a, Tensor b, Tensor c, Tensor skip, in SequenceRuns sequences)
    {
        ShapeGuard.Require(
            step.Shape == x.Shape && a.Shape.Rank == 2 && a.Shape.Columns == x.Shape.Columns && skip.Shape.Elements == x.Shape.Columns,
            $"SelectiveScan: the steps {step}, a {a} and skip {skip} do not fit {x}.");
        ShapeGuard.Require(
            b.Shape == c.Shape && b.Shape.Rows == x.Shape.Rows && b.Shape.Columns == a.Shape[0], $"SelectiveScan: b {b} and c {c} do not fit {x} and a {a}.");
        sequences.Require(nameof(SelectiveScan), pass, x, a.Shape.Elements);
        Tensor y = pass.Result(x.Shape, x, step, a, b, c, skip);
        SelectiveScanInput input = new(x.Floats, step.Floats, a.Floats, b.Floats, c.Floats, skip.Floats, x.Shape.Columns);
        pass.Kernels.SelectiveScan(sequences.Rows, input, sequences.State, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<SelectiveScanStep>().Set(sequences.Rows, (x, step, a, b, c, skip), y);
        return y;
    }
}

file sealed class SelectiveScanStep : TapeStep
{
    private NativeSpan<SequenceRows> sequences;
    private (Tensor X, Tensor Step, Tensor A, Tensor B, Tensor C, Tensor Skip) inputs;
    private Tensor y = null!;

    public void Set(NativeSpan<SequenceRows> sequences, (Tensor X, Tensor Step, Tensor A, Tensor B, Tensor C, Tensor Skip) inputs, Tensor y) =>
        (this.sequences, this.inputs, this.y) = (sequences, inputs, y);

    public override void Backward(Pass pass)
    {
        (Tensor x, Tensor step, Tensor a, Tensor b, Tensor c, Tensor skip) = inputs;
        SelectiveScanInput input = new(x.Floats, step.Floats, a.Floats, b.Floats, c.Floats, skip.Floats, x.Shape.Columns);
        // All channels of a row meet b and c: each block of channels adds up by itself, so that no order of threads shows.
        Shape sums = new(pass.Kernels.ScanBlocks(x.Shape.Columns), b.Shape.Elements);
        NativeSpan<float> ofB = pass.Workspace.RentZeroed(sums).Floats, ofC = pass.Workspace.RentZeroed(sums).Floats;
        SelectiveScanInput gradient = new(
            pass.GradientOrScratch(x), pass.GradientOrScratch(step), pass.GradientOrScratch(a), ofB, ofC, pass.GradientOrScratch(skip), x.Shape.Columns);
        pass.Kernels.SelectiveScanBackward(sequences, input, pass.GradientOf(y), gradient);
        if (b.RequiresGradient) pass.Kernels.AddColumnSums(ofB, pass.GradientOf(b));
        if (c.RequiresGradient) pass.Kernels.AddColumnSums(ofC, pass.GradientOf(c));
    }
}
