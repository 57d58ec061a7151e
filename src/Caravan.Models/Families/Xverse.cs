namespace Caravan.Models;

/// <summary>XVERSE: LLaMA under another name.</summary>
internal sealed class Xverse : LlamaKin
{
    /// <inheritdoc/>
    public override string Name => "xverse";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["xverse"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> GgufArchitectures => ["xverse"];

    /// <inheritdoc/>
    public override string Paper => "Shenzhen Yuanxiang Technology 2023, \"XVERSE-13B\"";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KeysWithoutInfluence => [.. base.KeysWithoutInfluence, "max_tokenizer_truncation"];
}
