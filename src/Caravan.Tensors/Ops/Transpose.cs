using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Rows and columns exchanged. For small tables, such as biases of attention by distance.</summary>
internal static class Transpose
{
    /// <summary>y[j, i] = x[i, j].</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <returns>[D, N] F32. Gradient: dx = dyᵀ.</returns>
    public static Tensor Forward(Pass pass, Tensor x)
    {
        Tensor y = pass.Result(new Shape(x.Shape.Columns, x.Shape.Rows), x);
        NativeSpan<float> from = x.Floats, to = y.Floats;
        long rows = x.Shape.Rows, columns = x.Shape.Columns;
        for (long row = 0; row < rows; row++)
            for (long column = 0; column < columns; column++) to[(column * rows) + row] = from[(row * columns) + column];
        if (y.RequiresGradient) pass.Tape!.Record<TransposeStep>().Set(x, y);
        return y;
    }
}

file sealed class TransposeStep : TapeStep
{
    private Tensor x = null!, y = null!;

    public void Set(Tensor x, Tensor y) => (this.x, this.y) = (x, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> from = pass.GradientOf(y), to = pass.GradientOf(x);
        long rows = x.Shape.Rows, columns = x.Shape.Columns;
        for (long row = 0; row < rows; row++)
            for (long column = 0; column < columns; column++) to[(row * columns) + column] += from[(column * rows) + row];
    }
}
