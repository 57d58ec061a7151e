namespace Caravan.Models;

/// <summary>Baichuan 2: each row of the head is divided by its length, so that logits are projections. GGUF keeps the head divided.</summary>
internal sealed class Baichuan2 : Baichuan
{
    private const string LossKey = "z_loss_weight";

    /// <inheritdoc/>
    public override string Name => "baichuan2";

    /// <inheritdoc/>
    public override string Paper => "Yang et al. 2023, \"Baichuan 2: Open Large-scale Language Models\"";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, LossKey];

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights =>
        [.. base.Weights.Select(row => row.Name == "head.weight" ? row with { Gguf = row.Gguf! with { UnitRows = true } } : row)];

    /// <inheritdoc/>
    public override bool Recognises(IConfigSource config) => config.IsGguf || IsSecond(config);

    /// <inheritdoc/>
    public override DecoderSpec Spec(ConfigReader config)
    {
        DecoderSpec spec = base.Spec(config);
        return config.IsGguf ? spec : spec with { UnitHead = true };
    }

    /// <inheritdoc/>
    public override void Describe(DecoderSpec spec, ConfigWriter config)
    {
        base.Describe(spec, config);
        if (!config.IsGguf) config.Set(LossKey, 0);
    }
}
