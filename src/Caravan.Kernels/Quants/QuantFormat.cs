namespace Caravan.Kernels;

/// <summary>Encodes and decodes one dtype; found in <see cref="QuantFormats"/>.</summary>
internal abstract class QuantFormat
{
    private protected QuantFormat(DType type) => DType = type;

    /// <summary>The dtype this format stores.</summary>
    public DType DType { get; }

    /// <summary>Decodes <paramref name="source"/>, whole blocks, to as many floats as <paramref name="destination"/> has.</summary>
    /// <exception cref="CaravanException">The elements do not fill whole blocks, or the lengths do not fit each other.</exception>
    public abstract void Decode(NativeSpan<byte> source, NativeSpan<float> destination);

    /// <summary>
    /// Encodes rows of <paramref name="rowElements"/> floats. Plain types round every value to the nearest one they have and keep
    /// infinities and NaN; block types refuse those, and every type refuses a finite value too large for it.
    /// <paramref name="importance"/> is empty or one weight from 0 to 1e15 per column, by which block types (except Q8_0 and NF4) weigh squared
    /// errors; a group of columns without any weight may come out as zero. <paramref name="firstRow"/> is the number of the first row where
    /// these are a part of a larger tensor, for messages.
    /// </summary>
    /// <exception cref="CaravanException">Lengths do not fit, or a value cannot be stored; then its row and column are named.</exception>
    public abstract void Encode(
        NativeSpan<float> source, NativeSpan<byte> destination, long rowElements, NativeSpan<float> importance = default, long firstRow = 0);

    /// <summary>The dot product of whole blocks with as many floats, in float.</summary>
    /// <exception cref="CaravanException">The elements do not fill whole blocks, or the lengths do not fit each other.</exception>
    public abstract float Dot(NativeSpan<byte> blocks, NativeSpan<float> activations);

    /// <summary>The kernels that read weights of this dtype, compiled for registers of <typeparamref name="TLanes"/>.</summary>
    internal abstract BlockMatMul MatMulFor<TLanes>(WorkerPool workers)
        where TLanes : unmanaged, ILanes<TLanes>;
}
