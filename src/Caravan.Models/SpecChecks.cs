namespace Caravan.Models;

/// <summary>Refuses specifications whose parts do not fit each other.</summary>
internal static class SpecChecks
{
    public static void Require(DecoderSpec spec, string path)
    {
        foreach (LayerSpec layer in spec.Layers.Distinct())
        {
            if (layer.Flaw is { } flaw) throw new CaravanException($"'{path}' {flaw}.");
        }

        if ((spec.EmbeddingNorm?.Flaw ?? spec.FinalNorm?.Flaw) is { } last) throw new CaravanException($"'{path}' {last}.");
    }
}
