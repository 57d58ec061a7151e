namespace Caravan.Models;

/// <summary>Refuses specifications whose parts do not fit each other.</summary>
internal static class SpecChecks
{
    public static void Require(DecoderSpec spec, string path)
    {
        if (!(spec.NormEpsilon >= 0)) throw new CaravanException($"'{path}' sets the norm's epsilon to {spec.NormEpsilon}; it cannot be negative.");
        foreach (AttentionSpec attention in spec.Layers.Select(layer => layer.Mixer).Distinct())
        {
            if (attention.Heads % attention.KeyValueHeads != 0)
                throw new CaravanException($"'{path}' has {attention.Heads} heads that cannot share {attention.KeyValueHeads} key-value heads evenly.");
            if (attention.Window < 0) throw new CaravanException($"'{path}' has a sliding window of {attention.Window} tokens; it must be positive, or null for none.");
        }
    }
}
