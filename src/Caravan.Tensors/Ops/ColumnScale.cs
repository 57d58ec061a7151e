using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Columns, each times a number of its own: gates of directions, magnitudes of outputs.</summary>
internal static class ColumnScale
{
    /// <summary>y[n, d] = factors[d] · x[n, d].</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="factors">D numbers, F32.</param>
    /// <returns>[N, D] F32. Gradients: dx[n, d] = factors[d] · dy[n, d], dfactors[d] = Σ dy[n, d] · x[n, d] over rows.</returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor factors)
    {
        ShapeGuard.Require(factors.Shape.Elements == x.Shape.Columns, $"ColumnScale: {factors} has not one number for each column of {x}.");
        Tensor y = pass.Result(x.Shape, x, factors);
        long columns = x.Shape.Columns;
        for (long at = 0; at < x.Shape.Elements; at += columns) pass.Kernels.Multiply(x.Floats.Slice(at, columns), factors.Floats, y.Floats.Slice(at, columns));
        if (y.RequiresGradient) pass.Tape!.Record<ColumnScaleStep>().Set(x, factors, y);
        return y;
    }
}

file sealed class ColumnScaleStep : TapeStep
{
    private Tensor x = null!, factors = null!, y = null!;

    public void Set(Tensor x, Tensor factors, Tensor y) => (this.x, this.factors, this.y) = (x, factors, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradient = pass.GradientOf(y), gradientX = pass.GradientOf(x), gradientFactors = pass.GradientOf(factors);
        long columns = x.Shape.Columns;
        for (long at = 0; at < x.Shape.Elements; at += columns)
        {
            NativeSpan<float> row = gradient.Slice(at, columns);
            if (gradientX.Length > 0) pass.Kernels.AddProducts(row, factors.Floats, gradientX.Slice(at, columns));
            if (gradientFactors.Length > 0) pass.Kernels.AddProducts(row, x.Floats.Slice(at, columns), gradientFactors);
        }
    }
}
