using System.Collections.Immutable;

namespace Caravan.Models;

/// <summary>A divisor for each frequency, as GGUF's <c>rope_freqs.weight</c> stores the result of other methods.</summary>
/// <param name="Divisors">One per pair of features; 1 is neutral.</param>
internal sealed record DivisorScaling(ImmutableArray<float> Divisors) : RotaryScaling
{
    /// <inheritdoc/>
    public override string Words => "by a table of divisors in the file";

    /// <inheritdoc/>
    public override double[] Frequencies(RotarySpec rotary, int length) =>
        [.. rotary.UnscaledFrequencies().Select((frequency, i) => frequency / Divisors[i])];
}
