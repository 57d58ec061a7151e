using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Channel mixer: down(f(gate(x)) · up(x)).</summary>
internal sealed class GatedMlpBlock : ChannelMixer
{
    private readonly GatedMlpSpec spec;
    private readonly Projection gate, up, down;
    private readonly Projection? linear;

    public GatedMlpBlock(GatedMlpSpec spec, in LayerSite site, string part = "feed_forward")
    {
        this.spec = spec;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf(part));
        gate = new Projection(weights, $"{prefix}.gate", spec.IntermediateSize, hiddenSize, spec.Bias, spec.ScaledInputs);
        up = new Projection(weights, $"{prefix}.up", spec.IntermediateSize, hiddenSize, spec.Bias, spec.ScaledInputs);
        if (spec.LinearGate) linear = new Projection(weights, $"{prefix}.linear", spec.IntermediateSize, hiddenSize, spec.Bias, spec.ScaledInputs);
        down = new Projection(weights, $"{prefix}.down", hiddenSize, spec.IntermediateSize, spec.Bias || spec.OutputBias, spec.ScaledInputs);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        (Tensor gates, Tensor values) = Projection.Forward(pass, x, gate, up);
        if (linear is not null) values = Multiply.Forward(pass, values, linear.Forward(pass, x));
        return down.Forward(pass, GatedActivation.Forward(pass, spec.Activation, gates, values, consumed: true));
    }
}
