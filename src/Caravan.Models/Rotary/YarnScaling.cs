namespace Caravan.Models;

/// <summary>
/// YaRN: features that turn often within the trained context are kept, those that do not complete a turn are interpolated, with a linear ramp
/// between, and attention is sharpened by the attention factor (Peng et al. 2023, eqs. 17–23).
/// </summary>
/// <param name="Factor">How many times longer the context becomes; 1 is neutral.</param>
/// <param name="TrainedLength">Context before scaling.</param>
internal sealed record YarnScaling(double Factor, int TrainedLength) : RotaryScaling
{
    /// <summary>Features that make more turns than this within the trained context are kept.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>Features that make fewer turns than this are interpolated.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>Whether the ends of the ramp are rounded outwards to whole features, as the paper's code does.</summary>
    public bool RoundedRamp { get; init; } = true;

    /// <summary>Factor of cosines and sines; null means the paper's 0.1·ln(Factor) + 1.</summary>
    public double? Attention { get; init; }

    /// <inheritdoc/>
    public override double AttentionFactor => Attention ?? Sharpening(Factor);

    /// <summary>0.1 · strength · ln(factor) + 1, or 1 when nothing is stretched.</summary>
    public static double Sharpening(double factor, double strength = 1) => factor <= 1 ? 1 : (0.1 * strength * Math.Log(factor)) + 1;

    /// <inheritdoc/>
    public override string Words => $"YaRN by {Factor} beyond {TrainedLength} tokens";

    /// <inheritdoc/>
    public override bool Describe(ConfigWriter config)
    {
        if (config.IsGguf && !RoundedRamp) return false;
        config.Set("rope_scaling.original_max_position_embeddings", TrainedLength);
        config.Set("rope_scaling.beta_fast", BetaFast);
        config.Set("rope_scaling.beta_slow", BetaSlow);
        if (!RoundedRamp) config.Set("rope_scaling.truncate", false);
        // GGUF multiplies the paper's factor. It kept a float of it, so further digits are noise.
        if (Attention is { } attention && config.IsGguf) config.Set("rope_scaling.attention_multiplier", attention / Sharpening(Factor));
        else if (Attention is { } replaced) config.Set("rope_scaling.attention_factor", (double)(float)replaced);
        return Describe(config, "yarn", Factor);
    }

    /// <inheritdoc/>
    public override double[] Frequencies(RotarySpec rotary, int length)
    {
        double low = FeatureThatTurns(BetaFast, rotary), high = FeatureThatTurns(BetaSlow, rotary);
        if (RoundedRamp) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        low = Math.Max(low, 0);
        high = Math.Min(high, rotary.Dimensions - 1);
        if (low == high) high += 0.001;
        return [.. rotary.UnscaledFrequencies().Select((frequency, i) =>
        {
            double interpolated = Math.Clamp((i - low) / (high - low), 0, 1);
            return (interpolated * frequency / Factor) + ((1 - interpolated) * frequency);
        })];
    }

    /// <summary>The (fractional) pair that makes so many turns within the trained context.</summary>
    private double FeatureThatTurns(double turns, RotarySpec rotary) =>
        rotary.Dimensions * Math.Log(TrainedLength / (turns * 2 * Math.PI)) / (2 * Math.Log(rotary.Base));
}
