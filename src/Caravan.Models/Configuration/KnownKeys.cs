namespace Caravan.Models;

/// <summary>Configuration keys that do not change what a model computes here, so that nobody needs to read them.</summary>
internal static class KnownKeys
{
    /// <summary>Whether a key is one of them, or an entry of one, or one in the object of a part.</summary>
    public static bool HaveNoInfluence(string key) => WithoutInfluence.Contains(key)
        || (key.IndexOf('.', StringComparison.Ordinal) is > 0 and int dot && (WithoutInfluence.Contains(key[..dot]) || HaveNoInfluence(key[(dot + 1)..])));

    /// <summary>Keys about training, other programs, generation defaults, and things the weights or the tokenizer say themselves.</summary>
    public static IReadOnlySet<string> WithoutInfluence { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "_name_or_path", "_attn_implementation", "_commit_hash", "architectures", "attention_dropout", "auto_map.AutoConfig", "auto_map.AutoModel",
        "auto_map.AutoModelForCausalLM", "auto_map.AutoTokenizer", "bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id", "dtype",
        "hidden_dropout", "id2label", "initializer_range", "keys_to_ignore_at_inference", "label2id", "model_type", "pretraining_tp", "quantization_config",
        "resid_pdrop", "attn_pdrop", "tokenizer_class", "torch_dtype", "transformers_version", "use_cache", "use_flash_attn",
        "use_mrope", "classifier_dropout", "attention_probs_dropout_prob", "layerdrop", "activation_dropout", "dropout", "embd_pdrop", "emb_pdrop", "embed_dropout",
        "resid_dropout", "reorder_and_upcast_attn", "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj",
        "hidden_dropout_prob", "init_std", "init_device", "verbose", "ffn_dropout", "is_decoder", "is_encoder_decoder", "add_cross_attention", "gradient_checkpointing", "output_attentions", "output_hidden_states", "output_router_logits", "router_aux_loss_coef", "router_jitter_noise", "return_dict", "task_specific_params", "max_length", "temperature", "top_k", "top_p",
    };
}
