namespace Caravan.Models;

/// <summary>
/// The configuration keys that GGUF and Hugging Face both have, by both names: read one way when a GGUF is loaded, the other way when one is
/// written. GGUF names come after the architecture: <c>llama.embedding_length</c>.
/// </summary>
/// <remarks>Source: the GGUF specification (ggml, docs/gguf.md, "LLM").</remarks>
internal static class GgufConfigKeys
{
    /// <summary>One key by both names.</summary>
    public sealed record Row(string HuggingFace, string Gguf);

    /// <summary>All keys.</summary>
    public static IReadOnlyList<Row> All { get; } =
    [
        new("vocab_size", "vocab_size"),
        new("max_position_embeddings", "context_length"),
        new("hidden_size", "embedding_length"),
        new("num_hidden_layers", "block_count"),
        new("intermediate_size", "feed_forward_length"),
        new("num_local_experts", "expert_count"),
        new("num_experts_per_tok", "expert_used_count"),
        new("moe_intermediate_size", "expert_feed_forward_length"),
        new("shared_expert_intermediate_size", "expert_shared_feed_forward_length"),
        new("n_shared_experts", "expert_shared_count"),
        new("first_k_dense_replace", "leading_dense_block_count"),
        new("num_attention_heads", "attention.head_count"),
        new("num_key_value_heads", "attention.head_count_kv"),
        new("head_dim", "attention.key_length"),
        new("rms_norm_eps", "attention.layer_norm_rms_epsilon"),
        new("layer_norm_eps", "attention.layer_norm_epsilon"),
        new("num_decoder_layers", "decoder_block_count"),
        new("relative_attention_num_buckets", "attention.relative_buckets_count"),
        new("clip_qkv", "attention.clamp_kqv"),
        new("use_parallel_residual", "use_parallel_residual"),
        new("logit_scale", "logit_scale"),
        new("sliding_window", "attention.sliding_window"),
        new("rope_theta", "rope.freq_base"),
        new("rope_scaling.rope_type", "rope.scaling.type"),
        new("rope_scaling.factor", "rope.scaling.factor"),
        new("rope_scaling.original_max_position_embeddings", "rope.scaling.original_context_length"),
        new("rope_scaling.attention_multiplier", "rope.scaling.attn_factor"),
        new("rope_scaling.beta_fast", "rope.scaling.yarn_beta_fast"),
        new("rope_scaling.beta_slow", "rope.scaling.yarn_beta_slow"),
    ];

    /// <summary>The row of a Hugging Face key, or null.</summary>
    public static Row? Find(string huggingFace) => All.FirstOrDefault(row => row.HuggingFace == huggingFace);
}
