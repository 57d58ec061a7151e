using Caravan.Models;

namespace Caravan.Weights;

/// <summary>
/// A specification as configuration keys, by Hugging Face's names: what <see cref="Family.Spec"/> reads, the other way round.
/// <see cref="GgufConfigKeys"/> knows the same keys by GGUF's names. Values are int, double, string or bool.
/// </summary>
internal static class SpecKeys
{
    /// <summary>The keys about sizes, norm and window, which are the same in both formats.</summary>
    public static OrderedDictionary<string, object> Of(DecoderSpec spec)
    {
        (AttentionSpec attention, GatedMlpSpec feedForward) = (spec.Layers[0].Mixer, spec.Layers[0].FeedForward);
        OrderedDictionary<string, object> keys = new(StringComparer.Ordinal)
        {
            ["vocab_size"] = spec.VocabularySize,
            ["max_position_embeddings"] = spec.ContextLength,
            ["hidden_size"] = spec.HiddenSize,
            ["num_hidden_layers"] = spec.Layers.Length,
            ["intermediate_size"] = feedForward.IntermediateSize,
            ["num_attention_heads"] = attention.Heads,
            ["num_key_value_heads"] = attention.KeyValueHeads,
            ["head_dim"] = attention.HeadSize,
            ["rms_norm_eps"] = (double)spec.NormEpsilon,
            ["rope_theta"] = attention.Rotary.Base,
        };
        if (attention.Window > 0) keys["sliding_window"] = attention.Window;
        return keys;
    }

    /// <summary>The keys of a rotary scaling, each behind <c>rope_scaling.</c>; null when the format has no keys for it.</summary>
    public static OrderedDictionary<string, object>? Of(RotaryScaling scaling, bool gguf)
    {
        OrderedDictionary<string, object> keys = new(StringComparer.Ordinal);
        switch (scaling)
        {
            case LinearScaling linear:
                Name("linear", linear.Factor);
                return keys;
            case YarnScaling yarn when yarn.RoundedRamp || !gguf:
                Name("yarn", yarn.Factor);
                keys["rope_scaling.original_max_position_embeddings"] = yarn.TrainedLength;
                keys["rope_scaling.beta_fast"] = yarn.BetaFast;
                keys["rope_scaling.beta_slow"] = yarn.BetaSlow;
                if (!yarn.RoundedRamp) keys["rope_scaling.truncate"] = false;
                if (yarn.Attention is not { } attention) return keys;
                if (gguf) keys["rope_scaling.attention_multiplier"] = attention / YarnScaling.Sharpening(yarn.Factor);
                // GGUF kept a float of it, so further digits are noise.
                else keys["rope_scaling.attention_factor"] = (double)(float)attention;
                return keys;
            case Llama3Scaling llama3 when !gguf:
                Name("llama3", llama3.Factor);
                keys["rope_scaling.low_freq_factor"] = llama3.LowFrequencyFactor;
                keys["rope_scaling.high_freq_factor"] = llama3.HighFrequencyFactor;
                keys["rope_scaling.original_max_position_embeddings"] = llama3.TrainedLength;
                return keys;
            case DynamicScaling dynamic when !gguf:
                Name("dynamic", dynamic.Factor);
                return keys;
            default:
                return null;
        }

        void Name(string method, double factor)
        {
            keys["rope_scaling.rope_type"] = method;
            keys["rope_scaling.factor"] = factor;
        }
    }
}
