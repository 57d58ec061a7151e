using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>The end of a row of weights whose columns do not fill steps of 256.</summary>
internal static unsafe class PaddedStep
{
    /// <summary>No step is larger, eight blocks of 34 bytes included; a whole number of registers.</summary>
    internal const int MostBytes = 384;

    /// <summary>Copies the last blocks of a row, followed by zeros, so that kernels need not read past the end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Copy(byte* blocks, byte* end, int stepBytes, byte* step)
    {
        uint bytes = (uint)(end - blocks);
        Unsafe.CopyBlockUnaligned(step, blocks, bytes);
        Unsafe.InitBlockUnaligned(step + bytes, 0, (uint)stepBytes - bytes);
    }
}
