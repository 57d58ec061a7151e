namespace Caravan.Tensors.Ops;

/// <summary>Rows, each times a number of its own: a gate that opens for a token as a whole.</summary>
internal static class RowScale
{
    /// <summary>y[n, :] = factors[n] · x[n, :].</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="factors">[N, 1] F32.</param>
    /// <returns>[N, D] F32. Gradients: dx[n, :] = factors[n] · dy[n, :], dfactors[n] = Σ dy[n, :] · x[n, :].</returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor factors)
    {
        ShapeGuard.Require(factors.Shape.Elements == x.Shape.Rows, $"RowScale: {factors} has not one number for each row of {x}.");
        Tensor y = pass.Result(x.Shape, x, factors);
        pass.Kernels.ScaleRows(x.Floats, factors.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<RowScaleStep>().Set(x, factors, y);
        return y;
    }
}

file sealed class RowScaleStep : TapeStep
{
    private Tensor x = null!, factors = null!, y = null!;

    public void Set(Tensor x, Tensor factors, Tensor y) => (this.x, this.factors, this.y) = (x, factors, y);

    public override void Backward(Pass pass) =>
        pass.Kernels.ScaleRowsBackward(x.Floats, factors.Floats, pass.GradientOf(y), pass.GradientOf(x), pass.GradientOf(factors));
}
