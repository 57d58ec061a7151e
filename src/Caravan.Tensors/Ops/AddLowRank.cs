using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>A product of low rank added to a tensor in its place: what low-rank adapters do to a layer's outputs.</summary>
internal static class AddLowRank
{
    /// <summary>y += z · factors.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="y">[N, O] F32, just computed by an operator whose gradients do not need its values.</param>
    /// <param name="z">[N, r] F32.</param>
    /// <param name="factors">[r, O] F32.</param>
    /// <returns>y. Gradients: dz = dy · factorsᵀ, dfactors = zᵀ · dy; dy is what it is.</returns>
    public static Tensor Forward(Pass pass, Tensor y, Tensor z, Tensor factors)
    {
        ShapeGuard.Require(
            z.Shape.Columns == factors.Shape[0] && y.Shape.Columns == factors.Shape.Columns && y.Shape.Rows == z.Shape.Rows, $"AddLowRank: {z} times {factors} does not fit {y}.");
        pass.Depend(y, z);
        pass.Depend(y, factors);
        pass.Kernels.MatMulBackwardInput(z.Floats, DType.F32, factors.Bytes, factors.Shape.Columns, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<AddLowRankStep>().Set(y, z, factors);
        return y;
    }
}

file sealed class AddLowRankStep : TapeStep
{
    private Tensor y = null!, z = null!, factors = null!;

    public void Set(Tensor y, Tensor z, Tensor factors) => (this.y, this.z, this.factors) = (y, z, factors);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradientY = pass.GradientOf(y), gradientZ = pass.GradientOf(z, out bool firstOfZ), gradientFactors = pass.GradientOf(factors, out bool firstOfFactors);
        long columns = factors.Shape.Columns;
        if (gradientZ.Length > 0)
        {
            NativeSpan<float> sums = firstOfZ ? gradientZ : pass.Workspace.Rent(z.Shape).Floats;
            pass.Kernels.MatMul(gradientY, columns, [new MatMulPart(DType.F32, factors.Bytes, sums)], ActivationPrecision.Exact, blocked: true);
            if (!firstOfZ) pass.Kernels.Add(gradientZ, sums, gradientZ);
        }

        if (gradientFactors.Length > 0) pass.Kernels.MatMulBackwardWeights(z.Floats, gradientY, columns, gradientFactors, assign: firstOfFactors);
    }
}
