using System.Collections.Immutable;

namespace Caravan.Models;

/// <summary>Attention with linear biases (Press et al. 2022, §3): a score falls by a slope for each token between query and key.</summary>
/// <param name="Slopes">For each head, by how much the product of query and key falls, before it is scaled.</param>
/// <param name="RoundedToBFloat16">
/// Whether slopes and their products with positions are rounded to bfloat16, as Falcon's reference does; positions are then counted from the first
/// token.
/// </param>
internal sealed record AlibiSpec(ImmutableArray<float> Slopes, bool RoundedToBFloat16 = false) : BiasSpec
{
    /// <summary>The slopes of a number of heads, head by head.</summary>
    /// <param name="heads">How many.</param>
    /// <param name="largestExponent">The slopes fall to 2^−this.</param>
    /// <returns>
    /// 2^(−e·i/n) for i = 1 … n, n being the largest power of two that does not exceed the number of heads; the other heads get every second of the
    /// slopes that twice as many heads would have, from the first.
    /// </returns>
    public static ImmutableArray<float> Standard(int heads, double largestExponent = 8)
    {
        int power = 1;
        while (power * 2 <= heads) power *= 2;
        return
        [
            .. Enumerable.Range(1, power).Select(i => (float)Math.Pow(2, -largestExponent * i / power)),
            .. Enumerable.Range(0, heads - power).Select(i => (float)Math.Pow(2, -largestExponent * ((2 * i) + 1) / (2 * power))),
        ];
    }

    /// <summary>The standard slopes where biases are added to scores that are scaled already.</summary>
    public static AlibiSpec AfterScaling(AttentionSpec attention, double largestExponent = 8) =>
        new([.. Standard(attention.Heads, largestExponent).Select(slope => slope / attention.ScaleOfScores)]);

    /// <inheritdoc/>
    public override BiasTable Build(WeightReader weights, string prefix) => new AlibiTable(this);

    /// <inheritdoc/>
    public bool Equals(AlibiSpec? other) => other is not null && RoundedToBFloat16 == other.RoundedToBFloat16 && Slopes.SequenceEqual(other.Slopes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Slopes.Length, Slopes[0], RoundedToBFloat16);
}
