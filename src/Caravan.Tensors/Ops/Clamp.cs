namespace Caravan.Tensors.Ops;

/// <summary>Elements kept within bounds.</summary>
internal static class Clamp
{
    /// <summary>y = min(max(x, −bound), bound), element by element.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="bound">Above 0.</param>
    /// <returns>[N, D] F32. Gradient: dx = dy where |x| ≤ bound, else 0.</returns>
    public static Tensor Forward(Pass pass, Tensor x, float bound)
    {
        Tensor y = pass.Result(x.Shape, x);
        pass.Kernels.Clamp(x.Floats, bound, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<ClampStep>().Set(x, bound, y);
        return y;
    }
}

file sealed class ClampStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private float bound;

    public void Set(Tensor x, float bound, Tensor y) => (this.x, this.bound, this.y) = (x, bound, y);

    public override void Backward(Pass pass) => pass.Kernels.ClampBackward(x.Floats, bound, pass.GradientOf(y), pass.GradientOf(x));
}
