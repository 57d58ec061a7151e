namespace Caravan.Models;

/// <summary>
/// Llama 3.1's scaling: long waves are divided by the factor, short ones kept, those between blended (Grattafiori et al. 2024; transformers' <c>llama3</c>).
/// </summary>
/// <param name="Factor">Divisor of the long waves; 1 is neutral.</param>
/// <param name="LowFrequencyFactor">Waves longer than TrainedLength / this are divided.</param>
/// <param name="HighFrequencyFactor">Waves shorter than TrainedLength / this are kept.</param>
/// <param name="TrainedLength">Context before scaling.</param>
internal sealed record Llama3Scaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int TrainedLength) : RotaryScaling
{
    /// <inheritdoc/>
    public override string Words => $"llama3 by {Factor} beyond {TrainedLength} tokens";

    /// <inheritdoc/>
    public override bool Describe(ConfigWriter config)
    {
        if (config.IsGguf) return false;
        config.Set("rope_scaling.low_freq_factor", LowFrequencyFactor);
        config.Set("rope_scaling.high_freq_factor", HighFrequencyFactor);
        config.Set("rope_scaling.original_max_position_embeddings", TrainedLength);
        return Describe(config, "llama3", Factor);
    }

    /// <inheritdoc/>
    public override double[] Frequencies(RotarySpec rotary, int length) => [.. rotary.UnscaledFrequencies().Select(Scale)];

    private double Scale(double frequency)
    {
        double turns = TrainedLength * frequency / (2 * Math.PI);
        double kept = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    }
}
