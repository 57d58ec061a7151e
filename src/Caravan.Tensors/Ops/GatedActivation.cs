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
    /// <param name="consumed">
    /// Whether nothing on the way back reads gate and up, which are two tensors, after this operator: then their gradients take their place, which saves half of
    /// the memory of a feed-forward block.
    /// </param>
    /// <returns>[N, F] F32. Gradients: dgate = dy · up · f′(gate), dup = dy · f(gate).</returns>
    public static Tensor Forward(Pass pass, ActivationFunction function, Tensor gate, Tensor up, bool consumed = false)
    {
        ShapeGuard.Require(gate.Shape == up.Shape, $"GatedActivation: the gate {gate} and {up} must have the same shape.");
        Tensor y = pass.Result(gate.Shape, gate, up);
        pass.Kernels.GatedActivation(function, gate.Floats, up.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<GatedActivationStep>().Set(function, gate, up, y, consumed);
        return y;
    }
}

file sealed class GatedActivationStep : TapeStep
{
    private ActivationFunction function;
    private Tensor gate = null!, up = null!, y = null!;
    private bool consumed;

    public void Set(ActivationFunction function, Tensor gate, Tensor up, Tensor y, bool consumed) =>
        (this.function, this.gate, this.up, this.y, this.consumed) = (function, gate, up, y, consumed);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradientGate = GradientOf(pass, gate, out bool firstOfGate), gradientUp = GradientOf(pass, up, out bool firstOfUp);
        pass.Kernels.GatedActivationBackward(function, gate.Floats, up.Floats, pass.GradientOf(y), gradientGate, gradientUp, firstOfGate, firstOfUp);
    }

    private NativeSpan<float> GradientOf(Pass pass, Tensor tensor, out bool first) => consumed ? pass.GradientInPlaceOf(tensor, out first) : pass.GradientOf(tensor, out first);
}
