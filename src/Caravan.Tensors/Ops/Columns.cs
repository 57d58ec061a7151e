namespace Caravan.Tensors.Ops;

/// <summary>Some columns of every row: one of several tensors that a projection gives together.</summary>
internal static class Columns
{
    /// <summary>y[:, r · count + i] = x[:, r · stride + start + i]: runs of columns at equal distances, brought together.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, runs · stride] F32.</param>
    /// <param name="start">First column of the first run.</param>
    /// <param name="count">Columns of a run.</param>
    /// <param name="stride">From the start of a run to that of the next.</param>
    /// <returns>[N, runs · count] F32. Gradient: dx is dy where its columns lie.</returns>
    public static Tensor Forward(Pass pass, Tensor x, long start, long count, long stride)
    {
        ShapeGuard.Require(
            count > 0 && start >= 0 && start + count <= stride && x.Shape.Columns % stride == 0, $"Columns: runs of {count} at {start} of every {stride} are not in {x}.");
        Tensor y = pass.Result(x.Shape.WithColumns(x.Shape.Columns / stride * count), x);
        for (long run = 0; run < x.Shape.Columns / stride; run++)
            pass.Kernels.CopyColumns(x.Floats, x.Shape.Columns, (run * stride) + start, y.Floats, y.Shape.Columns, run * count, count);
        if (y.RequiresGradient) pass.Tape!.Record<ColumnsStep>().Set(x, start, count, stride, y);
        return y;
    }
}

file sealed class ColumnsStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private long start, count, stride;

    public void Set(Tensor x, long start, long count, long stride, Tensor y) =>
        (this.x, this.start, this.count, this.stride, this.y) = (x, start, count, stride, y);

    public override void Backward(Pass pass)
    {
        for (long run = 0; run < x.Shape.Columns / stride; run++)
        {
            pass.Kernels.CopyColumns(
                pass.GradientOf(y), y.Shape.Columns, run * count, pass.GradientOf(x), x.Shape.Columns, (run * stride) + start, count, accumulate: true);
        }
    }
}
