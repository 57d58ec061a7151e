namespace Caravan.Models;

/// <summary>umT5: mT5 with biases by distance of its own in every layer.</summary>
internal sealed class Umt5() : T5(gated: true)
{
    /// <inheritdoc/>
    public override string Name => "umt5";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["umt5"];

    /// <inheritdoc/>
    public override string Paper => "Chung et al. 2023, \"UniMax: Fairer and More Effective Language Sampling for Large-Scale Multilingual Pretraining\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "UMT5ForConditionalGeneration";

    /// <inheritdoc/>
    protected override string FeedForwardWhenAbsent => "gated-gelu";

    /// <inheritdoc/>
    protected override bool BiasesInEveryLayer => true;
}
