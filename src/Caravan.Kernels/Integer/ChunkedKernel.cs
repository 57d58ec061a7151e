namespace Caravan.Kernels;

/// <summary>The integer products of one block type in one direction.</summary>
/// <param name="width">Lanes that are one item of work.</param>
/// <param name="scratchFloats">Floats of scratch that a thread needs.</param>
/// <param name="multiply">See <see cref="ChunkedPart.Multiply"/>.</param>
internal sealed unsafe class ChunkedKernel(int width, long scratchFloats, delegate*<in ChunkedPart, in ChunkedRows, long, long, float*, void> multiply)
{
    public long ScratchFloats { get; } = scratchFloats;

    /// <summary>Weights for it: see <see cref="ChunkedPart"/>.</summary>
    public ChunkedPart Part(NativeSpan<byte> weights, long rowBytes, long lanes, NativeSpan<float> y, bool assign) =>
        new() { Weights = weights.Pointer, RowBytes = rowBytes, Lanes = lanes, Y = y.Pointer, Assign = assign, Width = width, Multiply = multiply };
}
