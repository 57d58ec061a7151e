namespace Caravan.Models;

/// <summary>
/// The configuration keys that GGUF and Hugging Face both have, by both names: read one way when a GGUF is loaded, the other way when one is
/// written. GGUF names come after the architecture: <c>llama.embedding_length</c>.
/// </summary>
/// <remarks>Source: the GGUF specification (ggml, docs/gguf.md, "LLM").</remarks>
internal static class GgufConfigKeys
{
    /// <summary>What type GGUF stores.</summary>
    public enum Kind
    {
        /// <summary>uint32.</summary>
        Integer,

        /// <summary>float32.</summary>
        Real,

        /// <summary>string.</summary>
        Text,
    }

    /// <summary>One key by both names.</summary>
    public sealed record Row(string HuggingFace, string Gguf, Kind Kind);

    /// <summary>All keys.</summary>
    public static IReadOnlyList<Row> All { get; } =
    [
        new("vocab_size", "vocab_size", Kind.Integer),
        new("max_position_embeddings", "context_length", Kind.Integer),
        new("hidden_size", "embedding_length", Kind.Integer),
        new("num_hidden_layers", "block_count", Kind.Integer),
        new("intermediate_size", "feed_forward_length", Kind.Integer),
        new("num_attention_heads", "attention.head_count", Kind.Integer),
        new("num_key_value_heads", "attention.head_count_kv", Kind.Integer),
        new("head_dim", "attention.key_length", Kind.Integer),
        new("rms_norm_eps", "attention.layer_norm_rms_epsilon", Kind.Real),
        new("sliding_window", "attention.sliding_window", Kind.Integer),
        new("rope_theta", "rope.freq_base", Kind.Real),
        new("rope_scaling.rope_type", "rope.scaling.type", Kind.Text),
        new("rope_scaling.factor", "rope.scaling.factor", Kind.Real),
        new("rope_scaling.original_max_position_embeddings", "rope.scaling.original_context_length", Kind.Integer),
        new("rope_scaling.attention_multiplier", "rope.scaling.attn_factor", Kind.Real),
        new("rope_scaling.beta_fast", "rope.scaling.yarn_beta_fast", Kind.Real),
        new("rope_scaling.beta_slow", "rope.scaling.yarn_beta_slow", Kind.Real),
    ];

    /// <summary>The row of a Hugging Face key, or null.</summary>
    public static Row? Find(string huggingFace) => All.FirstOrDefault(row => row.HuggingFace == huggingFace);
}
