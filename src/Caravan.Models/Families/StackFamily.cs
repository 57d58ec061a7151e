using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// What most families share: how a configuration becomes layers. A family overrides what differs. Keys are those of LLaMA's configuration;
/// <see cref="Family.AttributeMap"/> translates where a family calls them something else.
/// </summary>
internal abstract class StackFamily : Family
{
    private const string ValueLengthKey = "attention.value_length", RotaryPartKey = "partial_rotary_factor";

    /// <summary>Base of the rotary frequencies where the configuration does not say.</summary>
    protected virtual double RotaryBaseWhenAbsent => 10_000;

    /// <summary>
    /// Which part of each head is rotated, from the first feature, where the configuration does not say; null where no key asks and all of it is.
    /// </summary>
    protected virtual double? RotaryPartWhenAbsent => null;

    /// <summary>Epsilon of the norms where the configuration does not say.</summary>
    protected virtual double NormEpsilonWhenAbsent => 1e-5;

    /// <summary>Tokens the model was trained to see at once where the configuration does not say.</summary>
    protected virtual int ContextWhenAbsent => 2048;

    /// <summary>The activation of feed-forward blocks where the configuration does not say, as in GGUF, which has no key for it.</summary>
    protected virtual string ActivationWhenAbsent => "gelu";

    /// <summary>The norms of layers, and the one after the last.</summary>
    protected virtual NormSpec Norm(ConfigReader config) => NormSpec.Layer(config.Real("layer_norm_eps", absent: NormEpsilonWhenAbsent));

    /// <summary>All layers, first to last.</summary>
    protected virtual IEnumerable<LayerSpec> Layers(ConfigReader config, int count) => Enumerable.Repeat(Layer(config), count);

    /// <summary>One layer, where all are alike.</summary>
    protected virtual LayerSpec Layer(ConfigReader config) => new(Norm(config), Attention(config), ChannelMixer(config));

    /// <summary>The first half of a layer. Biases are there where the checkpoint has them.</summary>
    protected virtual AttentionSpec Attention(ConfigReader config)
    {
        int heads = config.Size("num_attention_heads"), size = config.Size("head_dim", absent: HeadSizeWhenAbsent(config, heads), most: 65_536);
        RequireValuesLikeKeys(config, size);
        return new AttentionSpec
        {
            Heads = heads,
            KeyValueHeads = KeyValueHeads(config, heads),
            HeadSize = size,
            InputBias = config.Weights.Has("layers.0.attention.query.bias"),
            OutputBias = config.Weights.Has("layers.0.attention.output.bias"),
            Rotary = Rotary(config, size),
        };
    }

    /// <summary>Features per head where the configuration does not say.</summary>
    protected virtual int HeadSizeWhenAbsent(ConfigReader config, int heads) => config.Size("hidden_size") / heads;

    /// <summary>Heads of keys and values.</summary>
    protected virtual int KeyValueHeads(ConfigReader config, int heads) => config.Size("num_key_value_heads", absent: heads);

    /// <summary>The rotary embedding; null for none.</summary>
    protected virtual RotarySpec? Rotary(ConfigReader config, int headSize) => RotaryKeys.Read(
        config, headSize, RotaryLayoutOf(config), RotaryBaseWhenAbsent, RotaryPartWhenAbsent is { } part ? config.Real(RotaryPartKey, absent: part) : 1);

    /// <summary>The second half of a layer: two projections with an activation between, unless overridden.</summary>
    protected virtual ChannelMixerSpec ChannelMixer(ConfigReader config) => new MlpSpec
    {
        IntermediateSize = IntermediateSize(config),
        Activation = ActivationReader.Read(config, "hidden_act", absent: ActivationWhenAbsent),
        Bias = config.Weights.Has("layers.0.feed_forward.up.bias"),
    };

    /// <summary>The second half of a layer with a gate.</summary>
    protected GatedMlpSpec GatedMlp(ConfigReader config) => new()
    {
        IntermediateSize = IntermediateSize(config),
        Activation = ActivationReader.Read(config, "hidden_act", absent: ActivationWhenAbsent),
        Bias = config.Weights.Has("layers.0.feed_forward.gate.bias"),
    };

    /// <summary>Features between the projections of a feed-forward block.</summary>
    protected virtual int IntermediateSize(ConfigReader config) => config.Size("intermediate_size", absent: 4 * config.Size("hidden_size"));

    /// <summary>The keys of a stack of layers.</summary>
    protected void DescribeStack(StackSpec spec, ConfigWriter config)
    {
        LayerSpec layer = spec.Layers[0];
        config.Set("vocab_size", spec.VocabularySize);
        config.Set("max_position_embeddings", spec.ContextLength);
        config.Set("hidden_size", spec.HiddenSize);
        config.Set("num_hidden_layers", spec.Layers.Length);
        config.Set(layer.Norm.Kind == NormKind.Rms ? "rms_norm_eps" : "layer_norm_eps", (double)layer.Norm.Epsilon);
        if (layer.SequenceMixer is AttentionSpec attention) Describe(attention, config);
        Describe(layer.ChannelMixer, config);
    }

    /// <summary>Attention's keys.</summary>
    protected virtual void Describe(AttentionSpec attention, ConfigWriter config)
    {
        config.Set("num_attention_heads", attention.Heads);
        config.Set("num_key_value_heads", attention.KeyValueHeads);
        if (config.IsGguf)
        {
            config.Set("head_dim", attention.HeadSize);
            config.Set(ValueLengthKey, attention.HeadSize);
        }

        if (attention.Window > 0) config.Set("sliding_window", attention.Window);
        if (attention.Rotary is not { } rotary) return;
        RotaryKeys.Write(config, rotary);
        if (RotaryPartWhenAbsent is not null && !config.IsGguf) config.Set(RotaryPartKey, (double)rotary.Dimensions / attention.HeadSize);
    }

    /// <summary>GGUF has a key for the features of value heads of their own; here they are as many as those of keys.</summary>
    private static void RequireValuesLikeKeys(ConfigReader config, int headSize)
    {
        if (config.IsGguf && config.Integer(ValueLengthKey, absent: headSize) is int size && size != headSize)
            throw config.Unsupported(ValueLengthKey, $"{size}", $"{headSize}");
    }

    /// <summary>The feed-forward block's keys.</summary>
    protected virtual void Describe(ChannelMixerSpec mixer, ConfigWriter config)
    {
        config.Set("intermediate_size", mixer.IntermediateWidth);
        ActivationFunction? activation = (mixer as MlpSpec)?.Activation ?? (mixer as GatedMlpSpec)?.Activation;
        if (!config.IsGguf && activation is { } function) config.Set("hidden_act", ActivationReader.NameOf(function));
    }
}
