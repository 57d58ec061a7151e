namespace Caravan.Tensors.Ops;

/// <summary>The columns of two tensors in turn.</summary>
internal static class Interleave
{
    /// <summary>y[:, 2r · run + i] = a[:, r · run + i] and y[:, (2r + 1) · run + i] = b[:, r · run + i], i &lt; run.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="a">[N, D] F32.</param>
    /// <param name="b">[N, D] F32.</param>
    /// <param name="run">Columns of one before those of the other; divides D, and as D puts b behind a.</param>
    /// <returns>[N, 2D] F32. Gradients: da and db are dy where their columns lie.</returns>
    public static Tensor Forward(Pass pass, Tensor a, Tensor b, long run)
    {
        ShapeGuard.Require(a.Shape == b.Shape && run > 0 && a.Shape.Columns % run == 0, $"Interleave: {a} and {b} cannot take turns in runs of {run}.");
        Tensor y = pass.Result(a.Shape.WithColumns(2 * a.Shape.Columns), a, b);
        // Each run is a row of a narrower matrix.
        pass.Kernels.CopyColumns(a.Floats, run, 0, y.Floats, 2 * run, 0, run);
        pass.Kernels.CopyColumns(b.Floats, run, 0, y.Floats, 2 * run, run, run);
        if (y.RequiresGradient) pass.Tape!.Record<InterleaveStep>().Set(a, b, run, y);
        return y;
    }
}

file sealed class InterleaveStep : TapeStep
{
    private Tensor a = null!, b = null!, y = null!;
    private long run;

    public void Set(Tensor a, Tensor b, long run, Tensor y) => (this.a, this.b, this.run, this.y) = (a, b, run, y);

    public override void Backward(Pass pass)
    {
        if (a.RequiresGradient) pass.Kernels.CopyColumns(pass.GradientOf(y), 2 * run, 0, pass.GradientOf(a), run, 0, run, accumulate: true);
        if (b.RequiresGradient) pass.Kernels.CopyColumns(pass.GradientOf(y), 2 * run, run, pass.GradientOf(b), run, 0, run, accumulate: true);
    }
}
