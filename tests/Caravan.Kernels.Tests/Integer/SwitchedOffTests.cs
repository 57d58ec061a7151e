using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Caravan.Kernels.Tests;

/// <summary>
/// Runs <see cref="IntegerMatMulTests"/> again in processes whose processor can less, so that no kernel leans on what its instruction set has
/// not. The names are those of .NET 10.
/// </summary>
public sealed class SwitchedOffTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVXVNNI")]
    [InlineData("DOTNET_EnableAVX2")]
    public async Task Integer_products_are_right_without(string knob)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        ProcessStartInfo start = new(
            "dotnet", ["vstest", Assembly.GetExecutingAssembly().Location, $"--TestCaseFilter:FullyQualifiedName~{nameof(IntegerMatMulTests)}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment[knob] = "0";

        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = await child.StandardOutput.ReadToEndAsync() + await errors;
        await child.WaitForExitAsync();

        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("Passed!", output);
    }
}
