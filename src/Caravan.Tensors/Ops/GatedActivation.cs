using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>The gate of a GLU feed-forward block (Shazeer 2020, "GLU Variants Improve Transformer").</summary>
internal static class GatedActivation
{
    /// <summary>y = f(gate) · up, element by element.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="function">f.</param>
    /// <param name="gate">[N, F] F32.</param>
    /// <param name="up">[N, F] F32.</param>
    /// <returns>[N, F] F32. Gradients: dgate = dy · up · f′(gate), dup = dy · f(gate).</returns>
    public static Tensor Forward(Pass pass, ActivationFunction function, Tensor gate, Tensor up)
    {
        ShapeGuard.Require(gate.Shape == up.Shape, $"GatedActivation: the gate {gate} and {up} must have the same shape.");
        Tensor y = pass.Result(gate.Shape, gate, up);
        pass.Kernels.GatedActivation(function, gate.Floats, up.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<GatedActivationStep>().Set(function, gate, up, y);
        return y;
    }
}

file sealed class GatedActivationStep : TapeStep
{
    private ActivationFunction function;
    private Tensor gate = null!, up = null!, y = null!;

    public void Set(ActivationFunction function, Tensor gate, Tensor up, Tensor y) =>
        (this.function, this.gate, this.up, this.y) = (function, gate, up, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradientGate = pass.GradientOf(gate, out bool firstOfGate), gradientUp = pass.GradientOf(up, out bool firstOfUp);
        pass.Kernels.GatedActivationBackward(function, gate.Floats, up.Floats, pass.GradientOf(y), gradientGate, gradientUp, firstOfGate, firstOfUp);
    }
}
