namespace Caravan.Tensors.Ops;

/// <summary>A vector added to every row.</summary>
internal static class AddBias
{
    /// <summary>y[n, :] = x[n, :] + bias.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="bias">[D] F32.</param>
    /// <returns>[N, D] F32. Gradients: dx = dy, dbias = Σ dy over rows.</returns>
    public static Tensor Forward(Pass pass, Tensor x, Tensor bias)
    {
        ShapeGuard.Require(bias.Shape.Elements == x.Shape.Columns, $"AddBias: {bias} does not fit rows of {x}.");
        Tensor y = pass.Result(x.Shape, x, bias);
        pass.Kernels.AddBias(x.Floats, bias.Floats, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<AddBiasStep>().Set(x, bias, y);
        return y;
    }
}

file sealed class AddBiasStep : TapeStep
{
    private Tensor x = null!, bias = null!, y = null!;

    public void Set(Tensor x, Tensor bias, Tensor y) => (this.x, this.bias, this.y) = (x, bias, y);

    public override void Backward(Pass pass)
    {
        var gradient = pass.GradientOf(x);
        if (gradient.Length > 0) pass.Kernels.Add(gradient, pass.GradientOf(y), gradient);
        if (pass.GradientOf(bias) is { Length: > 0 } slope) pass.Kernels.AddColumnSums(pass.GradientOf(y), slope);
    }
}
