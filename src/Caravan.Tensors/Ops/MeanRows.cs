using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>The mean of the rows of each sequence: one vector for a text.</summary>
internal static class MeanRows
{
    /// <summary>y[s, :] = mean of x[n, :] over the rows of segment s.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="segments">The rows of each sequence, at least one each.</param>
    /// <returns>[S, D] F32. Gradient: dx[n, :] = dy[s, :] / rows of s.</returns>
    public static Tensor Forward(Pass pass, Tensor x, NativeSpan<AttentionSegment> segments)
    {
        foreach (AttentionSegment segment in segments.AsSpan())
        {
            ShapeGuard.Require(
                segment.QueryCount > 0 && segment.QueryStart >= 0 && segment.QueryStart <= x.Shape.Rows - segment.QueryCount, $"MeanRows: {segment} is outside {x}.");
        }

        Tensor y = pass.Result(new Shape(segments.Length, x.Shape.Columns), x);
        y.Bytes.Clear();
        long columns = x.Shape.Columns;
        for (int s = 0; s < segments.Length; s++)
            for (int row = 0; row < segments[s].QueryCount; row++)
                pass.Kernels.AddScaled(x.Floats.Slice((segments[s].QueryStart + row) * columns, columns), 1f / segments[s].QueryCount, y.Floats.Slice(s * columns, columns));
        if (y.RequiresGradient) pass.Tape!.Record<MeanRowsStep>().Set(x, segments, y);
        return y;
    }
}

file sealed class MeanRowsStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private NativeSpan<AttentionSegment> segments;

    public void Set(Tensor x, NativeSpan<AttentionSegment> segments, Tensor y) => (this.x, this.segments, this.y) = (x, segments, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradient = pass.GradientOf(y), into = pass.GradientOf(x);
        long columns = x.Shape.Columns;
        for (int s = 0; s < segments.Length; s++)
            for (int row = 0; row < segments[s].QueryCount; row++)
                pass.Kernels.AddScaled(gradient.Slice(s * columns, columns), 1f / segments[s].QueryCount, into.Slice((segments[s].QueryStart + row) * columns, columns));
    }
}
