using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caravan.Kernels;

/// <summary>What the processor can do. The only place that asks.</summary>
internal static class Cpu
{
    /// <summary>Every instruction set this process can use, narrowest first.</summary>
    public static IReadOnlyList<InstructionSet> Supported { get; } = [.. Enum.GetValues<InstructionSet>().Where(IsSupported)];

    /// <summary>The widest instruction set this process can use.</summary>
    public static InstructionSet Best => Supported[^1];

    /// <summary>Whether four products of bytes are added in one instruction (256 bits wide).</summary>
    public static bool HasAvxVnni => AvxVnni.IsSupported;

    /// <summary>Whether kernels of this width run in hardware here.</summary>
    public static bool IsSupported(InstructionSet set) => set switch
    {
        InstructionSet.Scalar => true,
        InstructionSet.Vector128 => Vector128.IsHardwareAccelerated,
        InstructionSet.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        InstructionSet.Avx512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported,
        _ => false,
    };

    /// <summary>Asks for the cache line at an address, which may be invalid; does nothing where there is no such instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch(void* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }
}
