using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>
/// Parts of a pass whose tapes do not live as long as the pass: what they compute on the way is thrown away, and either computed again when the
/// pass is walked back (Chen et al. 2016, "Training deep nets with sublinear memory cost"), or walked back at once. What is thrown away lives in the
/// inner pass; gradients of weights, of the rows, and of whatever else comes from outside live where these do.
/// </summary>
internal static class Recomputation
{
    /// <summary>y = part(x), of which only y stays.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="part">What makes y from x. With chunks a row's results may depend on that row alone.</param>
    /// <param name="shape">Shape of y: as many elements for each row of x.</param>
    /// <param name="chunkRows">Rows that the part is given at once.</param>
    public static Tensor Forward<TPart>(Pass pass, Tensor x, in TPart part, Shape shape, long chunkRows = long.MaxValue)
        where TPart : struct, IRecomputed
    {
        Tensor y = pass.Workspace.Rent(shape);
        long rows = x.Shape.Rows, perRow = shape.Elements / rows;
        for (long first = 0; first < rows; first += Math.Min(chunkRows, rows))
        {
            Tensor chunk = Chunk(pass, x, first, chunkRows), result = part.Forward(pass.Inner, chunk, first);
            result.Floats.CopyTo(y.Floats.Slice(first * perRow, result.Shape.Elements));
            y.RequiresGradient |= result.RequiresGradient;
            pass.Inner.Reset();
        }

        if (y.RequiresGradient) pass.Tape!.Record<RecomputedStep<TPart>>().Set(x, part, chunkRows, y);
        return y;
    }

    /// <summary>
    /// y = Σ part(chunk of x) for a part that makes one number. With a tape each chunk is walked back at once, from ∂loss/∂y = 1: a gradient on
    /// the way back is an error if it is another. Nothing is computed twice.
    /// </summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="part">What makes a number from rows.</param>
    /// <param name="chunkRows">Rows that the part is given at once.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Sum<TPart>(Pass pass, Tensor x, in TPart part, long chunkRows)
        where TPart : struct, IRecomputed
    {
        Tensor y = pass.Workspace.Rent(new Shape());
        double sum = 0;
        for (long first = 0; first < x.Shape.Rows; first += chunkRows)
        {
            Tensor chunk = Chunk(pass, x, first, chunkRows);
            if (pass.Tape is not null) LendGradient(pass, x, chunk, first);
            Tensor result = part.Forward(pass.Inner, chunk, first);
            sum += result.Floats[0];
            y.RequiresGradient |= result.RequiresGradient;
            if (result.RequiresGradient) pass.Inner.Tape!.Backward(pass.Inner, result);
            pass.Inner.Reset();
        }

        y.Floats[0] = (float)sum;
        if (y.RequiresGradient) pass.Tape!.Record<WalkedStep>().Set(y);
        return y;
    }

    /// <summary>Some rows of a tensor, in the inner pass.</summary>
    internal static Tensor Chunk(Pass pass, Tensor x, long first, long chunkRows)
    {
        long count = Math.Min(chunkRows, x.Shape.Rows - first), columns = x.Shape.Columns;
        if (count == x.Shape.Rows) return x;
        Tensor chunk = pass.Inner.Workspace.View(new Shape(count, columns), x.Floats.Slice(first * columns, count * columns));
        chunk.RequiresGradient = pass.Tape is not null && x.RequiresGradient;
        return chunk;
    }

    /// <summary>Lets the gradient of a chunk of x be a part of x's.</summary>
    internal static void LendGradient(Pass pass, Tensor x, Tensor chunk, long first)
    {
        if (chunk == x || !x.RequiresGradient) return;
        chunk.Gradient = pass.Inner.Workspace.View(chunk.Shape, pass.GradientOf(x).Slice(first * x.Shape.Columns, chunk.Shape.Elements));
    }
}

/// <summary>Computes a part again, chunk by chunk, and walks it back.</summary>
file sealed class RecomputedStep<TPart> : TapeStep
    where TPart : struct, IRecomputed
{
    private Tensor x = null!, y = null!;
    private TPart part;
    private long chunkRows;

    public void Set(Tensor x, in TPart part, long chunkRows, Tensor y) => (this.x, this.part, this.chunkRows, this.y) = (x, part, chunkRows, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradient = pass.GradientOf(y);
        long rows = x.Shape.Rows, perRow = y.Shape.Elements / rows;
        for (long first = 0; first < rows; first += Math.Min(chunkRows, rows))
        {
            Tensor chunk = Recomputation.Chunk(pass, x, first, chunkRows);
            Recomputation.LendGradient(pass, x, chunk, first);
            Tensor result = part.Forward(pass.Inner, chunk, first);
            Seed(pass.Inner, result, gradient.Slice(first * perRow, result.Shape.Elements));
            pass.Inner.Tape!.Backward(pass.Inner);
            pass.Inner.Reset();
        }
    }

    /// <summary>The gradient of y is that of the result, unless that is no result of the part's own but a tensor from outside.</summary>
    private static void Seed(Pass inner, Tensor result, NativeSpan<float> gradient)
    {
        if (result.Home == inner.Workspace && result.Gradient is null) result.Gradient = inner.Workspace.View(result.Shape, gradient);
        else if (inner.GradientOf(result) is { Length: > 0 } kept) inner.Kernels.Add(kept, gradient, kept);
    }
}

/// <summary>A number whose gradients were added when it was computed.</summary>
file sealed class WalkedStep : TapeStep
{
    private Tensor y = null!;

    public void Set(Tensor y) => this.y = y;

    public override void Backward(Pass pass)
    {
        float gradient = pass.GradientOf(y)[0];
        if (gradient != 1) throw new InvalidOperationException($"The gradients of this sum were computed for ∂loss/∂sum = 1, not {gradient}: give the sum its factor.");
    }
}
