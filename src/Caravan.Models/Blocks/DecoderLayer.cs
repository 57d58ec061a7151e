using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>norm → sequence mixer → residual → norm → channel mixer → residual.</summary>
internal sealed class DecoderLayer
{
    private readonly NormBlock mixerNorm, feedForwardNorm;
    private readonly SequenceMixer sequenceMixer;
    private readonly ChannelMixer channelMixer;

    public DecoderLayer(LayerSpec spec, in LayerSite site)
    {
        mixerNorm = new NormBlock(spec.Norm, site.NameOf("mixer_norm"), site.HiddenSize, site.Weights);
        sequenceMixer = spec.SequenceMixer.Build(site);
        feedForwardNorm = new NormBlock(spec.Norm, site.NameOf("feed_forward_norm"), site.HiddenSize, site.Weights);
        channelMixer = spec.ChannelMixer.Build(site);
    }

    public Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        x = Add.Forward(pass, x, sequenceMixer.Forward(pass, mixerNorm.Forward(pass, x), context));
        return Add.Forward(pass, x, channelMixer.Forward(pass, feedForwardNorm.Forward(pass, x), context));
    }
}
