namespace Caravan.Kernels;

/// <summary>The kernels that read weights of one dtype, at one width; <see cref="QuantFormat.MatMulFor"/> makes them.</summary>
internal abstract class BlockMatMul
{
    public abstract void Forward(NativeSpan<float> x, NativeSpan<byte> weights, long columns, NativeSpan<float> y);

    public abstract void BackwardInput(NativeSpan<float> gradientY, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX);

    public abstract void GatherRows(NativeSpan<byte> table, long columns, NativeSpan<int> rows, NativeSpan<float> y);
}
