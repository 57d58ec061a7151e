using System.Runtime.InteropServices;

namespace Caravan.Kernels;

/// <summary>Advice to the system about memory; it may be ignored, and nothing depends on it but how much memory is in use.</summary>
internal static unsafe partial class SystemMemory
{
    /// <summary>Linux: reclaim these pages now; they stay valid and come back when touched. Since Linux 5.4.</summary>
    private const int PageOut = 21;

    /// <summary>
    /// Says that bytes of a mapped file will not be needed soon. Without it a process that reads a large file once ends with all of it in memory,
    /// until others need the room.
    /// </summary>
    public static void Forget(NativeSpan<byte> bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        nuint page = (nuint)Environment.SystemPageSize;
        nuint start = ((nuint)bytes.Pointer + page - 1) / page * page, end = (nuint)(bytes.Pointer + bytes.Length) / page * page;
        if (end > start) _ = Advise((void*)start, end - start, PageOut);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}
