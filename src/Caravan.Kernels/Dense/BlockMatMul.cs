namespace Caravan.Kernels;

/// <summary>The kernels that read weights of one dtype, at one width; <see cref="QuantFormat.MatMulFor"/> makes them.</summary>
internal abstract unsafe class BlockMatMul
{
    /// <summary>y = x · weightsᵀ, by dot products.</summary>
    public abstract void Forward(NativeSpan<float> x, NativeSpan<byte> weights, long columns, NativeSpan<float> y);

    /// <summary>The same by outer products, bit for bit; x packed by <see cref="PackedRows{TLanes}"/>.</summary>
    public abstract void ForwardPacked(float* packed, long rows, NativeSpan<byte> weights, long columns, NativeSpan<float> y);

    /// <summary>The same summed in blocks: faster, but not the bits of <see cref="Forward"/>.</summary>
    public abstract void ForwardBlocked(NativeSpan<float> x, NativeSpan<byte> weights, long columns, NativeSpan<float> y);

    /// <summary>gradientX = or += gradientY · weights.</summary>
    public abstract void BackwardInput(NativeSpan<float> gradientY, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX, bool assign);

    public abstract void GatherRows(NativeSpan<byte> table, long columns, NativeSpan<int> rows, NativeSpan<float> y);
}
