namespace Caravan.Models;

/// <summary>Position interpolation: every frequency divided by the same factor (Chen et al. 2023, eq. 4).</summary>
/// <param name="Factor">How many times longer the context becomes; 1 is neutral.</param>
internal sealed record LinearScaling(double Factor) : RotaryScaling
{
    /// <inheritdoc/>
    public override string Words => $"linear by {Factor}";

    /// <inheritdoc/>
    public override bool Describe(ConfigWriter config) => Describe(config, "linear", Factor);

    /// <inheritdoc/>
    public override double[] Frequencies(RotarySpec rotary, int length) => [.. rotary.UnscaledFrequencies().Select(frequency => frequency / Factor)];
}
