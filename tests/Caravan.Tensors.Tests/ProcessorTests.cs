using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

/// <summary>What <see cref="SwitchedOffTests"/> asks of its child.</summary>
public sealed class ProcessorTests
{
    [Fact]
    public void Has_the_instruction_sets_that_were_left()
    {
        string? expected = Environment.GetEnvironmentVariable(SwitchedOffTests.Expectation);
        if (expected is not null) Assert.Equal(expected, string.Join(',', Cpu.Supported));
        Assert.Equal(InstructionSet.Scalar, Cpu.Supported[0]);
        Assert.Equal(Cpu.Supported[^1], Cpu.Best);
    }
}
