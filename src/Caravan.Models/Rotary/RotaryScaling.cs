namespace Caravan.Models;

/// <summary>How the angles of a rotary embedding are stretched beyond the length a model was trained at. One subclass a method.</summary>
internal abstract record RotaryScaling
{
    /// <summary>Whether the frequencies change with the length of the sequence, so that whole prompts must be told in advance.</summary>
    public virtual bool DependsOnLength => false;

    /// <summary>Factor of cosines and sines; 1 for none.</summary>
    public virtual double AttentionFactor => 1;

    /// <summary>
    /// Angle per position of each pair of features, from the unscaled frequencies θ_i = base^(−2i/dimensions).
    /// </summary>
    /// <param name="rotary">The embedding that is scaled.</param>
    /// <param name="length">Tokens of the sequence, for methods that depend on it.</param>
    public abstract double[] Frequencies(RotarySpec rotary, int length);
}
