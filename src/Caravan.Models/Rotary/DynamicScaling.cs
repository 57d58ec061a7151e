namespace Caravan.Models;

/// <summary>
/// Dynamic NTK: the base grows with the sequence once it is longer than the trained context
/// (bloc97 and emozilla 2023; transformers' <c>dynamic</c>): base · (factor·length/trained − (factor − 1))^(d/(d−2)).
/// </summary>
/// <param name="Factor">Strength; 1 makes the base proportional to the length.</param>
/// <param name="TrainedLength">Up to this length nothing changes.</param>
internal sealed record DynamicScaling(double Factor, int TrainedLength) : RotaryScaling
{
    /// <inheritdoc/>
    public override bool DependsOnLength => true;

    /// <inheritdoc/>
    public override string Words => $"dynamic by {Factor} beyond {TrainedLength} tokens";

    /// <inheritdoc/>
    public override bool Describe(ConfigWriter config) => !config.IsGguf && Describe(config, "dynamic", Factor);

    /// <inheritdoc/>
    public override double[] Frequencies(RotarySpec rotary, int length)
    {
        if (length <= TrainedLength) return rotary.UnscaledFrequencies();
        double stretch = (Factor * length / TrainedLength) - (Factor - 1);
        return rotary.UnscaledFrequencies(rotary.Base * Math.Pow(stretch, rotary.Dimensions / (rotary.Dimensions - 2.0)));
    }
}
