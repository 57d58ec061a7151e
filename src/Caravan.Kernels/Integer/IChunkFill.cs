namespace Caravan.Kernels;

/// <summary>
/// How weights are rounded anew for <see cref="ChunkedProducts{TFill}"/>. Terms are what is summed over, lanes what is not: outputs and columns on the way
/// back, columns and outputs on the way forward.
/// </summary>
internal unsafe interface IChunkFill
{
    /// <summary>Lanes that are rounded together.</summary>
    static abstract int Width { get; }

    /// <summary>Floats of scratch for so many.</summary>
    static abstract long ScratchFloats { get; }

    /// <summary>Rounds up to 256 terms of some lanes to codes from 1 to 255, of which 128 stands for 0.</summary>
    /// <param name="weights">The whole matrix in blocks.</param>
    /// <param name="rowBytes">Bytes from output to output.</param>
    /// <param name="lane">The first lane.</param>
    /// <param name="lanes">How many, in whole sixteens.</param>
    /// <param name="term">The first term.</param>
    /// <param name="terms">How many of the 256 there are; what stands for the others meets zeros.</param>
    /// <param name="scratch">The thread's own.</param>
    /// <param name="scales">[lanes]: weight ≈ scale · (code − 128).</param>
    /// <param name="codes">[64, <see cref="Width"/>, 4]: four terms of a lane side by side.</param>
    static abstract void Fill(byte* weights, long rowBytes, long lane, int lanes, long term, int terms, float* scratch, float* scales, byte* codes);
}
