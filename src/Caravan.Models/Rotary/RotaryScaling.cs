namespace Caravan.Models;

/// <summary>How the angles of a rotary embedding are stretched beyond the length a model was trained at. One subclass a method.</summary>
internal abstract record RotaryScaling
{
    /// <summary>Whether the frequencies change with the length of the sequence, so that whole prompts must be told in advance.</summary>
    public virtual bool DependsOnLength => false;

    /// <summary>Factor of cosines and sines; 1 for none.</summary>
    public virtual double AttentionFactor => 1;

    /// <summary>The same for a sequence of a length that it depends on.</summary>
    public virtual double AttentionFactorAt(int length) => AttentionFactor;

    /// <summary>Queries at a later position than this, counted from 1, are multiplied by its logarithm to this base; 0 for none.</summary>
    public virtual int LogLength => 0;

    /// <summary>What it is, for sentences: "linear by 2".</summary>
    public abstract string Words { get; }

    /// <summary>What GGUF keeps of it as tensors, under canonical names.</summary>
    public virtual IEnumerable<(string Canonical, float[] Values)> Tables => [];

    /// <summary>Writes the keys from which <see cref="RotaryKeys"/> makes it, each behind <c>rope_scaling.</c>; false when the format has none.</summary>
    public virtual bool Describe(ConfigWriter config) => false;

    /// <summary>
    /// Angle per position of each pair of features, from the unscaled frequencies θ_i = base^(−2i/dimensions).
    /// </summary>
    /// <param name="rotary">The embedding that is scaled.</param>
    /// <param name="length">Tokens of the sequence, for methods that depend on it.</param>
    public abstract double[] Frequencies(RotarySpec rotary, int length);

    /// <summary>The keys that most methods have.</summary>
    protected static bool Describe(ConfigWriter config, string method, double factor)
    {
        config.Set("rope_scaling.rope_type", method);
        config.Set("rope_scaling.factor", factor);
        return true;
    }
}
