namespace Caravan.Models;

/// <summary>Families built of LLaMA's blocks under a name of their own, with the differences they state. Biases are there where the checkpoint has them.</summary>
internal abstract class LlamaKin : Llama
{
    /// <inheritdoc/>
    public abstract override string Name { get; }

    /// <inheritdoc/>
    public abstract override IReadOnlyList<string> ModelTypes { get; }

    /// <inheritdoc/>
    public abstract override IReadOnlyList<string> GgufArchitectures { get; }

    /// <inheritdoc/>
    public abstract override string Paper { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["attention_bias", "mlp_bias"];

    /// <inheritdoc/>
    protected override string? AttentionBiasKey => null;

    /// <inheritdoc/>
    protected override string? MlpBiasKey => null;

    /// <inheritdoc/>
    public override bool Recognises(IConfigSource config) => true;

    /// <inheritdoc/>
    public override string? Inexpressible(DecoderSpec spec, bool gguf, WeightReader weights) => LostWhenReadBack(spec, gguf, weights);

    /// <inheritdoc/>
    protected override int Window(ConfigReader config) => 0;
}
