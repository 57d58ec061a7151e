namespace Caravan.Kernels;

/// <summary>The widths a kernel can run in, narrowest first.</summary>
public enum InstructionSet
{
    /// <summary>One element at a time: the reference, complete on every machine.</summary>
    Scalar,

    /// <summary>128-bit vectors: SSE on x64, AdvSimd on Arm.</summary>
    Vector128,

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    Avx2,

    /// <summary>512-bit vectors.</summary>
    Avx512,
}
