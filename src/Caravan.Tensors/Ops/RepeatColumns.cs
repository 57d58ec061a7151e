using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Each column several times: what all inputs of a group share.</summary>
internal static class RepeatColumns
{
    /// <summary>y[n, i] = x[n, ⌊i / times⌋].</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="times">At least 1.</param>
    /// <returns>[N, D · times] F32. Gradient: dx[n, d] = Σ dy[n, i] over the i of d.</returns>
    public static Tensor Forward(Pass pass, Tensor x, int times)
    {
        ShapeGuard.Require(times >= 1, $"RepeatColumns: columns of {x} cannot be repeated {times} times.");
        Tensor y = pass.Result(x.Shape.WithColumns(x.Shape.Columns * times), x);
        for (long i = 0; i < x.Shape.Elements; i++) y.Floats.AsSpan(i * times, times).Fill(x.Floats[i]);
        if (y.RequiresGradient) pass.Tape!.Record<RepeatColumnsStep>().Set(x, times, y);
        return y;
    }
}

file sealed class RepeatColumnsStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private int times;

    public void Set(Tensor x, int times, Tensor y) => (this.x, this.times, this.y) = (x, times, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradient = pass.GradientOf(y), into = pass.GradientOf(x);
        for (long i = 0; i < into.Length; i++)
        {
            double sum = 0;
            foreach (float value in gradient.AsSpan(i * times, times)) sum += value;
            into[i] += (float)sum;
        }
    }
}
