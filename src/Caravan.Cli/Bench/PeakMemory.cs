using System.Diagnostics;
using System.Globalization;

namespace Caravan.Cli;

/// <summary>The most memory this process has had.</summary>
internal static class PeakMemory
{
    private const string Field = "VmHWM:";

    /// <summary>Resident bytes at their highest, mapped files included.</summary>
    public static long Bytes()
    {
        if (OperatingSystem.IsLinux() && FromLines(File.ReadLines("/proc/self/status")) is { } peak) return peak;
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    /// <summary>What Linux tells in kB, or null.</summary>
    internal static long? FromLines(IEnumerable<string> lines)
    {
        string? line = lines.FirstOrDefault(each => each.StartsWith(Field, StringComparison.Ordinal));
        string? number = line?[Field.Length..].Replace("kB", "", StringComparison.Ordinal);
        return long.TryParse(number, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long kilobytes)
            ? kilobytes * 1024
            : null;
    }
}
