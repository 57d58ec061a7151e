using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Channel mixer: down(f(gate(x)) · up(x)).</summary>
internal sealed class GatedMlpBlock
{
    private readonly GatedMlpSpec spec;
    private readonly Projection gate, up, down;

    public GatedMlpBlock(GatedMlpSpec spec, int hiddenSize, int layer, WeightReader weights)
    {
        this.spec = spec;
        string prefix = $"layers.{layer}.feed_forward";
        gate = new Projection(weights, $"{prefix}.gate", spec.IntermediateSize, hiddenSize, spec.Bias);
        up = new Projection(weights, $"{prefix}.up", spec.IntermediateSize, hiddenSize, spec.Bias);
        down = new Projection(weights, $"{prefix}.down", hiddenSize, spec.IntermediateSize, spec.Bias);
    }

    public Tensor Forward(Pass pass, Tensor x)
    {
        (Tensor gates, Tensor values) = Projection.Forward(pass, x, gate, up);
        return down.Forward(pass, GatedActivation.Forward(pass, spec.Activation, gates, values));
    }
}
