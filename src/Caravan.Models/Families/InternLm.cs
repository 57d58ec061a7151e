namespace Caravan.Models;

/// <summary>InternLM, first generation: LLaMA with biases on attention's projections, and a base of the rotary embedding that grows with the text.</summary>
internal sealed class InternLm : LlamaKin
{
    private const string MethodKey = "rotary.type";

    /// <inheritdoc/>
    public override string Name => "internlm";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["internlm"];

    /// <summary>In GGUF it is LLaMA with biases.</summary>
    public override IReadOnlyList<string> GgufArchitectures => ["llama"];

    /// <inheritdoc/>
    public override string Paper => "InternLM Team 2023, \"InternLM: A Multilingual Language Model with Progressively Enhanced Capabilities\"";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "InternLMForCausalLM";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string> { ["rope_theta"] = "rotary.base" };

    /// <inheritdoc/>
    protected override string AttentionBiasKey => "bias";

    /// <inheritdoc/>
    protected override RotarySpec? Rotary(ConfigReader config, int headSize)
    {
        RotarySpec rotary = base.Rotary(config, headSize)!;
        if (config.IsGguf) return rotary;
        return config.Text(MethodKey, absent: "dynamic") switch
        {
            "origin" => rotary,
            "dynamic" => rotary with
            {
                Scaling = new DynamicScaling(config.Real("rotary.scaling_factor", absent: 1), config.Size("max_position_embeddings", absent: ContextWhenAbsent, most: int.MaxValue)),
            },
            var other => throw config.Unsupported(MethodKey, other, "origin", "dynamic"),
        };
    }
}
