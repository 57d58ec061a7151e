namespace Caravan.Models;

/// <summary>Mistral 7B: LLaMA with grouped-query attention and a sliding window.</summary>
internal sealed class Mistral : Llama
{
    /// <inheritdoc/>
    public override string Name => "mistral";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["mistral"];

    /// <summary>llama.cpp writes Mistral as llama, so a GGUF never names this family; its window travels as a key.</summary>
    public override IReadOnlyList<string> GgufArchitectures => ["llama"];

    /// <inheritdoc/>
    public override string Paper => "Jiang et al. 2023, \"Mistral 7B\"";

    /// <inheritdoc/>
    protected override string? InexpressibleInConfigJson(AttentionSpec attention, ChannelMixerSpec mixer) =>
        attention.InputBias || attention.OutputBias || mixer is GatedMlpSpec { Bias: true } ? "biases beside a sliding window" : null;

    /// <inheritdoc/>
    protected override int Window(ConfigReader config) => SlidingWindow.Read(config, absent: 4096);

    /// <inheritdoc/>
    protected override int KeyValueHeads(ConfigReader config, int heads) => config.Size("num_key_value_heads", absent: 8);
}
