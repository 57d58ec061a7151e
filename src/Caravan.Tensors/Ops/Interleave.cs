namespace Caravan.Tensors.Ops;

/// <summary>The columns of two tensors in turn.</summary>
internal static class Interleave
{
    /// <summary>Runs of columns of one and the other: y = [a₀ b₀ a₁ b₁ …] in each row, where aᵣ and bᵣ are the r-th runs.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="a">[N, D] F32.</param>
    /// <param name="b">[N, E] F32, as many runs.</param>
    /// <param name="run">Columns of a run of a; divides D, and as D puts b behind a.</param>
    /// <param name="otherRun">Columns of a run of b; divides E. 0 for as many as of a.</param>
    /// <returns>[N, D + E] F32. Gradients: da and db are dy where their columns lie.</returns>
    public static Tensor Forward(Pass pass, Tensor a, Tensor b, long run, long otherRun = 0)
    {
        if (otherRun == 0) otherRun = run;
        ShapeGuard.Require(
            run > 0 && a.Shape.Columns % run == 0 && b.Shape.Columns % otherRun == 0 && a.Shape.Columns / run == b.Shape.Columns / otherRun && a.Shape.Rows == b.Shape.Rows,
            $"Interleave: {a} and {b} cannot take turns in runs of {run} and {otherRun}.");
        Tensor y = pass.Result(a.Shape.WithColumns(a.Shape.Columns + b.Shape.Columns), a, b);
        // Each run is a row of a narrower matrix.
        pass.Kernels.CopyColumns(a.Floats, run, 0, y.Floats, run + otherRun, 0, run);
        pass.Kernels.CopyColumns(b.Floats, otherRun, 0, y.Floats, run + otherRun, run, otherRun);
        if (y.RequiresGradient) pass.Tape!.Record<InterleaveStep>().Set(a, b, run, otherRun, y);
        return y;
    }
}

file sealed class InterleaveStep : TapeStep
{
    private Tensor a = null!, b = null!, y = null!;
    private long run, otherRun;

    public void Set(Tensor a, Tensor b, long run, long otherRun, Tensor y) => (this.a, this.b, this.run, this.otherRun, this.y) = (a, b, run, otherRun, y);

    public override void Backward(Pass pass)
    {
        if (a.RequiresGradient) pass.Kernels.CopyColumns(pass.GradientOf(y), run + otherRun, 0, pass.GradientOf(a), run, 0, run, accumulate: true);
        if (b.RequiresGradient) pass.Kernels.CopyColumns(pass.GradientOf(y), run + otherRun, run, pass.GradientOf(b), otherRun, 0, otherRun, accumulate: true);
    }
}
