namespace Caravan.Models;

/// <summary>Refuses specifications that no weights could fit, before sizes are computed from them.</summary>
internal static class SpecChecks
{
    private const int Reasonable = 1 << 24;

    public static void Require(DecoderSpec spec, string path)
    {
        RequirePositive(path, "vocabulary size", spec.VocabularySize);
        RequirePositive(path, "hidden size", spec.HiddenSize);
        RequirePositive(path, "context length", spec.ContextLength, int.MaxValue);
        RequirePositive(path, "number of layers", spec.Layers.Length, 100_000);
        if (!(spec.NormEpsilon >= 0)) throw new CaravanException($"'{path}' sets the norm's epsilon to {spec.NormEpsilon}; it cannot be negative.");
        foreach (LayerSpec layer in spec.Layers.Distinct())
        {
            AttentionSpec attention = layer.Mixer;
            RequirePositive(path, "number of attention heads", attention.Heads);
            RequirePositive(path, "number of key-value heads", attention.KeyValueHeads);
            RequirePositive(path, "head size", attention.HeadSize, 65_536);
            RequirePositive(path, "intermediate size", layer.FeedForward.IntermediateSize);
            if (attention.Heads % attention.KeyValueHeads != 0)
                throw new CaravanException($"'{path}' has {attention.Heads} heads that cannot share {attention.KeyValueHeads} key-value heads evenly.");
            if (attention.Window < 0) throw new CaravanException($"'{path}' has a sliding window of {attention.Window} tokens; it must be positive, or null for none.");
        }
    }

    private static void RequirePositive(string path, string what, int value, int most = Reasonable)
    {
        if (value <= 0 || value > most) throw new CaravanException($"'{path}' gives a {what} of {value}; between 1 and {most} was expected.");
    }
}
