namespace Caravan.Models;

/// <summary>T5 1.1 and FLAN-T5: T5 whose feed-forward blocks have a gate, and whose head has a matrix of its own.</summary>
internal sealed class T5Gated() : T5(gated: true)
{
    /// <inheritdoc/>
    public override string Name => "t5-v1.1";

    /// <inheritdoc/>
    public override string Paper => "Shazeer 2020, \"GLU Variants Improve Transformer\"";

    /// <summary>Hugging Face tells them apart by a key; of GGUF either reads both.</summary>
    public override bool Recognises(IConfigSource config) => config.IsGguf || (config.Find("feed_forward_proj") is string kind && kind.StartsWith("gated", StringComparison.Ordinal));
}
