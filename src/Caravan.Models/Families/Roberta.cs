namespace Caravan.Models;

/// <summary>RoBERTa, XLM-RoBERTa and CamemBERT: BERT whose positions begin behind the row of the padding token, with another head.</summary>
internal sealed class Roberta : Bert
{
    /// <inheritdoc/>
    public override string Name => "roberta";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["roberta", "xlm-roberta", "camembert"];

    /// <summary>In GGUF the table of positions has lost its first rows, which no table of names here can say.</summary>
    public override IReadOnlyList<string> GgufArchitectures => [];

    /// <inheritdoc/>
    public override string Paper => "Liu et al. 2019, \"RoBERTa: A Robustly Optimized BERT Pretraining Approach\"";

    /// <inheritdoc/>
    public override string BasePrefix => "roberta.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "RobertaModel";

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "roberta.embeddings.word_embeddings.weight"),
        new("positions.weight", "roberta.embeddings.position_embeddings.weight"),
        new("token_types.weight", "roberta.embeddings.token_type_embeddings.weight"),
        .. NormRows("embedding_norm", "roberta.embeddings.LayerNorm"),
        .. LayerRows("roberta.encoder.layer.{n}"),
        .. WeightRow.Pair("pooler", "roberta.pooler.dense"),
        .. WeightRow.Pair("head_transform", "lm_head.dense"),
        .. NormRows("head_norm", "lm_head.layer_norm"),
        new("head.weight", "lm_head.decoder.weight"),
        new("head.bias", "lm_head.bias"),
    ];

    /// <inheritdoc/>
    protected override int PositionOffset(ConfigReader config) => config.Integer("pad_token_id", absent: 1) + 1;

    /// <summary>Whatever the layers use.</summary>
    protected override Kernels.ActivationFunction HeadActivation(ConfigReader config) => Kernels.ActivationFunction.Gelu;
}
