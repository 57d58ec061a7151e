using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>Several vectors as one, in their order.</summary>
internal static class Join
{
    /// <summary>y = [x₀ x₁ …].</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="parts">F32, at least one.</param>
    /// <returns>[elements of all] F32. Gradient: dxᵢ = the elements of dy where xᵢ lies.</returns>
    public static Tensor Forward(Pass pass, Tensor[] parts)
    {
        long length = 0;
        foreach (Tensor part in parts) length += part.Shape.Elements;
        Tensor y = pass.Result(new Shape(length), parts);
        long start = 0;
        foreach (Tensor part in parts)
        {
            part.Floats.CopyTo(y.Floats.Slice(start, part.Shape.Elements));
            start += part.Shape.Elements;
        }

        if (y.RequiresGradient) pass.Tape!.Record<JoinStep>().Set(parts, y);
        return y;
    }
}

file sealed class JoinStep : TapeStep
{
    private Tensor[] parts = [];
    private Tensor y = null!;

    public void Set(Tensor[] parts, Tensor y) => (this.parts, this.y) = (parts, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradient = pass.GradientOf(y);
        long start = 0;
        foreach (Tensor part in parts)
        {
            if (part.RequiresGradient) pass.Kernels.AddScaled(gradient.Slice(start, part.Shape.Elements), 1, pass.GradientOf(part));
            start += part.Shape.Elements;
        }
    }
}
