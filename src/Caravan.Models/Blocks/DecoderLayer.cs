using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>norm → sequence mixer → residual → norm → channel mixer → residual.</summary>
internal sealed class DecoderLayer
{
    private readonly NormBlock mixerNorm, feedForwardNorm;
    private readonly AttentionBlock mixer;
    private readonly GatedMlpBlock feedForward;

    public DecoderLayer(DecoderSpec spec, int layer, RotaryTables tables, WeightReader weights)
    {
        LayerSpec parts = spec.Layers[layer];
        mixerNorm = new NormBlock(weights, $"layers.{layer}.mixer_norm", spec);
        mixer = new AttentionBlock(parts.Mixer, spec.HiddenSize, layer, tables, weights);
        feedForwardNorm = new NormBlock(weights, $"layers.{layer}.feed_forward_norm", spec);
        feedForward = new GatedMlpBlock(parts.FeedForward, spec.HiddenSize, layer, weights);
    }

    public Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        x = Add.Forward(pass, x, mixer.Forward(pass, mixerNorm.Forward(pass, x), context));
        return Add.Forward(pass, x, feedForward.Forward(pass, feedForwardNorm.Forward(pass, x)));
    }
}
