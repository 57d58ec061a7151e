namespace Caravan.Models;

/// <summary>mT5: T5 1.1 for 101 languages, with defaults of its own.</summary>
internal sealed class Mt5() : T5(gated: true)
{
    /// <inheritdoc/>
    public override string Name => "mt5";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["mt5"];

    /// <inheritdoc/>
    public override string Paper => "Xue et al. 2021, \"mT5: A Massively Multilingual Pre-trained Text-to-Text Transformer\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "MT5ForConditionalGeneration";

    /// <inheritdoc/>
    protected override string FeedForwardWhenAbsent => "gated-gelu";
}
