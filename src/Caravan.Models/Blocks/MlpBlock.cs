using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Channel mixer: down(f(up(x))).</summary>
internal sealed class MlpBlock : ChannelMixer
{
    private readonly MlpSpec spec;
    private readonly Projection up, down;

    public MlpBlock(MlpSpec spec, in LayerSite site)
    {
        this.spec = spec;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("feed_forward"));
        up = new Projection(weights, $"{prefix}.up", spec.IntermediateSize, hiddenSize, spec.Bias);
        down = new Projection(weights, $"{prefix}.down", hiddenSize, spec.IntermediateSize, spec.Bias);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context) =>
        down.Forward(pass, Activation.Forward(pass, spec.Activation, up.Forward(pass, x)));
}
