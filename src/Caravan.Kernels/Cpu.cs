using System.Globalization;
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

    /// <summary>What the processor calls itself on Linux; null where that cannot be read.</summary>
    public static string? Name { get; } = ReadName("/proc/cpuinfo");

    /// <summary>
    /// Physical cores that this process may use: threads beyond them share the units that kernels keep busy. On Linux the siblings of a core count
    /// once; elsewhere every logical processor counts. Never more than <see cref="Environment.ProcessorCount"/>, which knows affinities and quotas
    /// of containers.
    /// </summary>
    public static int Cores { get; } = CountCores("/sys/devices/system/cpu", "/proc/self/status", Environment.ProcessorCount);

    /// <summary>Whether kernels of this width run in hardware here.</summary>
    public static bool IsSupported(InstructionSet set) => set switch
    {
        InstructionSet.Scalar => true,
        InstructionSet.Vector128 => Vector128.IsHardwareAccelerated,
        InstructionSet.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        InstructionSet.Avx512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported,
        _ => false,
    };

    /// <summary>The number of different lists of siblings among the processors this process may run on; <paramref name="processors"/> where that cannot be read.</summary>
    /// <param name="topology">The folder with <c>cpu0/topology/thread_siblings_list</c> and so on.</param>
    /// <param name="status">The file with <c>Cpus_allowed_list</c>, such as <c>0-3,8</c>.</param>
    /// <param name="processors">How many logical processors the process may keep busy.</param>
    internal static int CountCores(string topology, string status, int processors)
    {
        const string allowed = "Cpus_allowed_list:";
        try
        {
            string list = File.ReadLines(status).First(line => line.StartsWith(allowed, StringComparison.Ordinal))[allowed.Length..];
            int cores = Numbers(list).Select(cpu => File.ReadAllText(Path.Combine(topology, $"cpu{cpu}", "topology", "thread_siblings_list"))).Distinct().Count();
            return Math.Clamp(cores, 1, processors);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            return processors;
        }
    }

    private static string? ReadName(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>0-3,8 as 0, 1, 2, 3, 8.</summary>
    private static IEnumerable<int> Numbers(string list)
    {
        foreach (string range in list.Split(','))
        {
            int[] ends = [.. range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
            for (int number = ends[0]; number <= ends[^1]; number++) yield return number;
        }
    }

    /// <summary>Asks for the cache line at an address, which need not be readable; nothing where there is no such instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch(void* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }
}
