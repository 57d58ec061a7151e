namespace Caravan.Models;

/// <summary>Refuses specifications whose parts do not fit each other.</summary>
internal static class SpecChecks
{
    public static void Require(DecoderSpec spec, string path)
    {
        foreach (LayerSpec layer in spec.Layers.Distinct())
        {
            if ((FlawOf(layer.Norm) ?? layer.SequenceMixer.Flaw ?? layer.ChannelMixer.Flaw) is { } flaw) throw new CaravanException($"'{path}' {flaw}.");
        }

        if (FlawOf(spec.FinalNorm) is { } last) throw new CaravanException($"'{path}' {last}.");
    }

    private static string? FlawOf(NormSpec norm) => norm.Epsilon >= 0 ? null : $"sets the norm's epsilon to {norm.Epsilon}; it cannot be negative";
}
