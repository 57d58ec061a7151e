using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>A function of each element.</summary>
internal static class Activation
{
    /// <summary>y = f(x), element by element.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="function">f.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <returns>[N, D] F32. Gradient: dx = dy · f′(x).</returns>
    public static Tensor Forward(Pass pass, ActivationFunction function, Tensor x)
    {
        Tensor y = pass.Result(x.Shape, x);
        pass.Kernels.Activation(function, x.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<ActivationStep>().Set(function, x, y);
        return y;
    }
}

file sealed class ActivationStep : TapeStep
{
    private ActivationFunction function;
    private Tensor x = null!, y = null!;

    public void Set(ActivationFunction function, Tensor x, Tensor y) => (this.function, this.x, this.y) = (function, x, y);

    public override void Backward(Pass pass) => pass.Kernels.ActivationBackward(function, x.Floats, pass.GradientOf(y), pass.GradientOf(x));
}
