namespace Caravan.Kernels;

/// <summary>How weights are rounded anew for <see cref="GradientProducts{TBlock, TFill}"/>.</summary>
internal unsafe interface IGradientFill
{
    /// <summary>Floats of scratch for so many columns.</summary>
    static abstract long ScratchFloats(int width);

    /// <summary>Rounds 256 outputs of some columns to codes from 1 to 255, of which 128 stands for 0.</summary>
    /// <param name="blocks">The first block of the first output.</param>
    /// <param name="rowBytes">Bytes from output to output.</param>
    /// <param name="outputs">How many of the 256 there are; the others count as zeros.</param>
    /// <param name="columns">How many columns, in whole sixteens.</param>
    /// <param name="width">Columns for which there is room.</param>
    /// <param name="scratch">The thread's own.</param>
    /// <param name="scales">[columns]: weight ≈ scale · (code − 128).</param>
    /// <param name="codes">[64, width, 4]: four outputs of a column side by side.</param>
    static abstract void Fill(byte* blocks, long rowBytes, int outputs, int columns, int width, float* scratch, float* scales, byte* codes);
}
