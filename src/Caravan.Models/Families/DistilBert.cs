namespace Caravan.Models;

/// <summary>DistilBERT: half the layers of BERT, without sentence vectors and pooler.</summary>
internal sealed class DistilBert : Bert
{
    /// <inheritdoc/>
    public override string Name => "distilbert";

    /// <inheritdoc/>
    public override IReadOnlyList<string> ModelTypes => ["distilbert"];

    /// <inheritdoc/>
    public override string Paper => "Sanh et al. 2019, \"DistilBERT, a distilled version of BERT: smaller, faster, cheaper and lighter\"";

    /// <inheritdoc/>
    public override string BasePrefix => "distilbert.";

    /// <inheritdoc/>
    public override string HuggingFaceClass => "DistilBertModel";

    /// <summary>Sinusoidal positions are saved as weights like learned ones.</summary>
    public override IReadOnlyList<string> KeysWithoutInfluence => ["sinusoidal_pos_embds", "qa_dropout", "seq_classif_dropout"];

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> AttributeMap { get; } = new Dictionary<string, string>
    {
        ["hidden_size"] = "dim",
        ["num_hidden_layers"] = "n_layers",
        ["num_attention_heads"] = "n_heads",
        ["intermediate_size"] = "hidden_dim",
        ["hidden_act"] = "activation",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<WeightRow> Weights { get; } =
    [
        new("embedding.weight", "distilbert.embeddings.word_embeddings.weight", "token_embd.weight"),
        new("positions.weight", "distilbert.embeddings.position_embeddings.weight", "position_embd.weight"),
        .. NormRows("embedding_norm", "distilbert.embeddings.LayerNorm", "token_embd_norm"),
        .. Pair("attention.query", "attention.q_lin", "attn_q"),
        .. Pair("attention.key", "attention.k_lin", "attn_k"),
        .. Pair("attention.value", "attention.v_lin", "attn_v"),
        .. Pair("attention.output", "attention.out_lin", "attn_output"),
        .. Pair("mixer_norm", "sa_layer_norm", "attn_output_norm"),
        .. Pair("feed_forward.up", "ffn.lin1", "ffn_up"),
        .. Pair("feed_forward.down", "ffn.lin2", "ffn_down"),
        .. Pair("feed_forward_norm", "output_layer_norm", "layer_output_norm"),
        .. WeightRow.Pair("head_transform", "vocab_transform"),
        .. NormRows("head_norm", "vocab_layer_norm"),
        new("head.weight", "vocab_projector.weight"),
        new("head.bias", "vocab_projector.bias"),
    ];

    /// <inheritdoc/>
    public override bool Recognises(IConfigSource config) => !config.IsGguf;

    /// <inheritdoc/>
    protected override NormSpec Norm(ConfigReader config) => NormSpec.Layer(NormEpsilonWhenAbsent);

    private static IEnumerable<WeightRow> Pair(string name, string there, string gguf) =>
        WeightRow.Pair($"layers.{{n}}.{name}", $"distilbert.transformer.layer.{{n}}.{there}", $"blk.{{n}}.{gguf}");
}
