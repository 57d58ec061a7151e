using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Sums of weighted rows that lie apart: the results of the experts that a row passed.</summary>
internal static class WeightedSum
{
    /// <summary>y[n, :] = Σ weights[n, j] · x[places[n, j], :], in the order of j.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[S, D] F32.</param>
    /// <param name="places">[N, J] row numbers in [0, S), no two alike.</param>
    /// <param name="weights">[N, J] F32.</param>
    /// <returns>[N, D] F32. Gradients: dx[places[n, j], :] = weights[n, j] · dy[n, :], dweights[n, j] = Σ dy[n, :] · x[places[n, j], :].</returns>
    public static Tensor Forward(Pass pass, Tensor x, NativeSpan<int> places, Tensor weights)
    {
        ShapeGuard.Require(
            weights.Shape.Elements == places.Length && x.Shape.Rows >= places.Length, $"WeightedSum: {places.Length} places do not fit {x} and the weights {weights}.");
        Tensor y = pass.Result(new Shape(weights.Shape.Rows, x.Shape.Columns), x, weights);
        pass.Kernels.WeightedSum(x.Floats, places, weights.Floats, x.Shape.Columns, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<WeightedSumStep>().Set(x, places, weights, y);
        return y;
    }
}

file sealed class WeightedSumStep : TapeStep
{
    private Tensor x = null!, weights = null!, y = null!;
    private NativeSpan<int> places;

    public void Set(Tensor x, NativeSpan<int> places, Tensor weights, Tensor y) =>
        (this.x, this.places, this.weights, this.y) = (x, places, weights, y);

    public override void Backward(Pass pass) => pass.Kernels.WeightedSumBackward(
        x.Floats, places, weights.Floats, x.Shape.Columns, pass.GradientOf(y), pass.GradientOf(x), pass.GradientOf(weights));
}
