namespace Caravan.Tensors.Ops;

/// <summary>A tensor times a number.</summary>
internal static class Scale
{
    /// <summary>y = factor · x.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="factor">Any number; 1 gives back x itself.</param>
    /// <returns>[N, D] F32. Gradient: dx = factor · dy.</returns>
    public static Tensor Forward(Pass pass, Tensor x, float factor)
    {
        if (factor == 1) return x;
        Tensor y = pass.Result(x.Shape, x);
        pass.Kernels.Scale(x.Floats, factor, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<ScaleStep>().Set(x, factor, y);
        return y;
    }
}

file sealed class ScaleStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private float factor;

    public void Set(Tensor x, float factor, Tensor y) => (this.x, this.factor, this.y) = (x, factor, y);

    public override void Backward(Pass pass) => pass.Kernels.AddScaled(pass.GradientOf(y), factor, pass.GradientOf(x));
}
