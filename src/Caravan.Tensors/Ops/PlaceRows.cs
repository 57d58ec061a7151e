using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Rows put in the place of others: features of an image where its tokens stand.</summary>
internal static class PlaceRows
{
    /// <summary>y[n, :] = x[n, :], but y[places[m], :] = features[m, :].</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="features">[M, D] F32.</param>
    /// <param name="places">[M] row numbers in [0, N), ascending.</param>
    /// <returns>[N, D] F32. Gradients: dfeatures[m, :] = dy[places[m], :], and dx = dy but for those rows, where it is 0.</returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor features, NativeSpan<int> places)
    {
        ShapeGuard.Require(
            features.Shape.Rows == places.Length && features.Shape.Columns == x.Shape.Columns, $"PlaceRows: {features} are not rows for {places.Length} places in {x}.");
        int last = -1;
        foreach (int place in places.AsSpan())
        {
            ShapeGuard.Require(place > last && place < x.Shape.Rows, $"PlaceRows: the place {place} does not follow {last} in {x}.");
            last = place;
        }

        Tensor y = pass.Result(x.Shape, x, features);
        x.Floats.CopyTo(y.Floats);
        long columns = x.Shape.Columns;
        for (int row = 0; row < places.Length; row++) features.Floats.Slice(row * columns, columns).CopyTo(y.Floats.Slice(places[row] * columns, columns));
        if (y.RequiresGradient) pass.Tape!.Record<PlaceRowsStep>().Set(x, features, places, y);
        return y;
    }
}

file sealed class PlaceRowsStep : TapeStep
{
    private Tensor x = null!, features = null!, y = null!;
    private NativeSpan<int> places;

    public void Set(Tensor x, Tensor features, NativeSpan<int> places, Tensor y) =>
        (this.x, this.features, this.places, this.y) = (x, features, places, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradient = pass.GradientOf(y), kept = pass.GradientOf(x), placed = pass.GradientOf(features);
        int next = 0;
        for (int row = 0; row < x.Shape.Rows; row++)
        {
            bool replaced = next < places.Length && places[next] == row;
            AddRow(pass, gradient, row, replaced ? placed : kept, replaced ? next++ : row);
        }
    }

    private void AddRow(Pass pass, NativeSpan<float> gradient, long row, NativeSpan<float> into, long at)
    {
        long columns = x.Shape.Columns;
        if (into.Length == 0) return;
        NativeSpan<float> target = into.Slice(at * columns, columns);
        pass.Kernels.Add(target, gradient.Slice(row * columns, columns), target);
    }
}
