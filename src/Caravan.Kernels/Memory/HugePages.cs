using System.Runtime.InteropServices;

namespace Caravan.Kernels;

/// <summary>
/// Asks the system to back memory with huge pages: the first touch of fresh memory then costs one fault for 2 MiB instead of 512, and the
/// processor's table of pages reaches further. Linux only, through the C library that the runtime itself stands on; elsewhere, and where the
/// administrator has switched huge pages off, nothing happens.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Size and alignment of a huge page in bytes.</summary>
    internal const int Bytes = 2 << 20;

    /// <summary>MADV_HUGEPAGE.</summary>
    private const int Advice = 14;

    /// <summary>Whether a buffer of so many bytes is worth it.</summary>
    internal static bool Suit(long bytes) => OperatingSystem.IsLinux() && bytes >= 2 * Bytes;

    /// <summary>Asks for huge pages in memory that starts at a multiple of <see cref="Bytes"/> and was not touched yet.</summary>
    internal static void Ask(byte* memory, long bytes)
    {
        try
        {
            // Advice: what it returns changes nothing.
            _ = AdviseMemory(memory, (nuint)bytes, Advice);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // A C library of another name: small pages then.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseMemory(byte* memory, nuint bytes, int advice);
}
