using System.Collections.Immutable;

namespace Caravan.Models;

/// <summary>
/// LongRoPE: every frequency is divided by a factor of its own, from one list for sequences up to the trained length and from another for longer
/// ones; cosines and sines are multiplied by the attention factor (Ding et al. 2024; transformers' <c>longrope</c>, first called <c>su</c>).
/// </summary>
/// <param name="ShortFactors">Divisors of sequences up to the trained length, one per pair of features.</param>
/// <param name="LongFactors">Divisors of longer ones.</param>
/// <param name="TrainedLength">Context before scaling.</param>
/// <param name="Attention">Factor of cosines and sines; 1 is neutral.</param>
internal sealed record LongRopeScaling(ImmutableArray<float> ShortFactors, ImmutableArray<float> LongFactors, int TrainedLength, double Attention) : RotaryScaling
{
    /// <summary>The canonical names of the lists, which GGUF keeps as tensors.</summary>
    internal const string ShortTable = "rotary_divisors_short", LongTable = "rotary_divisors_long";

    /// <inheritdoc/>
    public override bool DependsOnLength => true;

    /// <inheritdoc/>
    public override double AttentionFactor => Attention;

    /// <inheritdoc/>
    public override string Words => $"by two lists of divisors, the second beyond {TrainedLength} tokens";

    /// <inheritdoc/>
    public override IEnumerable<(string Canonical, float[] Values)> Tables => [(LongTable, [.. LongFactors]), (ShortTable, [.. ShortFactors])];

    /// <summary>√(1 + ln(factor) / ln(trained length)), or 1 when nothing is stretched.</summary>
    public static double Sharpening(double factor, int trainedLength) => factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(trainedLength)));

    /// <inheritdoc/>
    public override bool Describe(ConfigWriter config)
    {
        if (config.IsGguf)
        {
            config.Set("rope_scaling.original_max_position_embeddings", TrainedLength);
            config.Set("rope_scaling.attention_multiplier", Attention);
            return true;
        }

        config.Set("original_max_position_embeddings", TrainedLength);
        config.Set("rope_scaling.type", "longrope");
        config.Set("rope_scaling.short_factor", [.. ShortFactors.Select(factor => (double)factor)]);
        config.Set("rope_scaling.long_factor", [.. LongFactors.Select(factor => (double)factor)]);
        config.Set("rope_scaling.attention_factor", (double)(float)Attention);
        return true;
    }

    /// <inheritdoc/>
    public override double[] Frequencies(RotarySpec rotary, int length) =>
        [.. rotary.UnscaledFrequencies().Zip(length > TrainedLength ? LongFactors : ShortFactors, (frequency, divisor) => frequency / divisor)];
}
