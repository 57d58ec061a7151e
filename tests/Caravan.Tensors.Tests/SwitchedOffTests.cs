using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

/// <summary>
/// Runs <see cref="EveryOpTests"/>'s comparisons with the reference again in processes whose processor can less: not only a narrower width, but
/// every helper (conversions, decoders) without the instructions. The names are those of .NET 10.
/// </summary>
public sealed class SwitchedOffTests
{
    /// <summary>Tells the child which sets it must find.</summary>
    internal const string Expectation = "CARAVAN_TEST_INSTRUCTION_SETS";

    [Theory]
    [InlineData("DOTNET_EnableAVX512", InstructionSet.Avx2)]
    [InlineData("DOTNET_EnableAVX2", InstructionSet.Vector128)]
    [InlineData("DOTNET_EnableHWIntrinsic", InstructionSet.Scalar)]
    public async Task Operators_are_right_without(string knob, InstructionSet widest)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return;
        string filter = $"FullyQualifiedName~{nameof(EveryOpTests)}&FullyQualifiedName~of_the_reference|FullyQualifiedName~{nameof(ProcessorTests)}";
        ProcessStartInfo start = new("dotnet", ["vstest", Assembly.GetExecutingAssembly().Location, $"--TestCaseFilter:{filter}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment[knob] = "0";
        start.Environment[Expectation] = string.Join(',', Cpu.Supported.Where(set => set <= widest));

        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = await child.StandardOutput.ReadToEndAsync() + await errors;
        await child.WaitForExitAsync();

        Assert.True(child.ExitCode == 0, output);
        Assert.Contains("Passed!", output);
    }
}
