namespace Caravan.Models;

/// <summary>
/// MiniCPM: LLaMA in the maximal update parametrisation: embeddings, what each half of a layer adds, and logits are multiplied by constants.
/// <code>
/// tokens → s₁ · embedding → [ + s₂ · attention(norm x) → + s₂ · down(silu(gate) · up)(norm x) ] × n → norm → s₃ · head
/// </code>
/// </summary>
internal sealed class MiniCpm : LlamaKin
{
    private const string EmbeddingKey = "scale_emb", DepthKey = "scale_depth", BaseKey = "dim_model_base";
    private const string GgufEmbeddingKey = "embedding_scale", GgufResidualKey = "residual_scale", LogitKey = "logit_scale";

    /// <inheritdoc/>
    public override string Name => "minicpm";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["minicpm"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["minicpm"];

    /// <inheritdoc/>
    public override string Paper => "Hu et al. 2024, \"MiniCPM: Unveiling the Potential of Small Language Models with Scalable Training Strategies\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "MiniCPMForCausalLM";

    /// <summary>GGUF files from before they had the keys are of the first MiniCPM, whose numbers llama.cpp knew.</summary>
    public override DecoderSpec Spec(ConfigReader config)
    {
        if (config.Integer("num_experts", absent: 0) is > 0 and int experts) throw config.Unsupported("num_experts", $"{experts}", "0");
        DecoderSpec spec = base.Spec(config);
        double depth = Math.Sqrt(spec.Layers.Length);
        double embedding = config.IsGguf ? config.Real(GgufEmbeddingKey, absent: 12) : config.Real(EmbeddingKey, absent: 1);
        double branch = config.IsGguf ? config.Real(GgufResidualKey, absent: 1.4 / depth) : config.Real(DepthKey, absent: 1) / depth;
        double width = config.IsGguf ? config.Has(LogitKey) ? Math.Round(spec.HiddenSize / config.Real(LogitKey)) : 256 : config.Size(BaseKey, absent: 1);
        return spec with
        {
            EmbeddingScale = (float)embedding,
            LogitScale = (float)(width / spec.HiddenSize),
            Layers = [.. spec.Layers.Select(layer => layer with { BranchScale = (float)branch })],
        };
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        double branch = spec.Layers[0].BranchScale, width = Math.Round(spec.LogitScale * (double)spec.HiddenSize);
        config.Set(config.IsGguf ? GgufEmbeddingKey : EmbeddingKey, (double)spec.EmbeddingScale);
        config.Set(config.IsGguf ? GgufResidualKey : DepthKey, config.IsGguf ? branch : branch * Math.Sqrt(spec.Layers.Length));
        if (config.IsGguf) config.Set(LogitKey, spec.HiddenSize / width);
        else config.Set(BaseKey, (int)width);
    }
}
