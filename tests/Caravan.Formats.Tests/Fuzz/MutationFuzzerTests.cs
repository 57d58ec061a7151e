using Caravan.Testing;
using Xunit.Sdk;

namespace Caravan.Formats.Tests;

/// <summary>The harness itself: it must notice what it is there to notice.</summary>
public class MutationFuzzerTests
{
    private static readonly byte[] Input = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];

    [Fact]
    public void Other_exceptions_and_large_allocations_fail()
    {
        Assert.Throws<XunitException>(() => MutationFuzzer.Run(Input, 100, 1, input => _ = input[99]));
        Assert.ThrowsAny<XunitException>(() => MutationFuzzer.Run(Input, 1, 1, _ => _ = new byte[65 << 20]));
    }

    [Fact]
    public void Refusals_are_counted() => Assert.Equal(50, MutationFuzzer.Run(Input, 50, 1, _ => throw new CaravanException("no")));

    [Fact]
    public void The_same_seed_gives_the_same_inputs()
    {
        List<byte[]> first = [], second = [], other = [];
        MutationFuzzer.Run(Input, 50, 1, first.Add);
        MutationFuzzer.Run(Input, 50, 1, second.Add);
        MutationFuzzer.Run(Input, 50, 2, other.Add);
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
        Assert.True(first.Count(input => !input.SequenceEqual(Input)) > 40, "most mutations must change something");
    }
}
