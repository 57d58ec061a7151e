using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Channel mixer: σ(receptance) · value(relu(key)²).</summary>
internal sealed class ShiftedMlpBlock : ChannelMixer
{
    private readonly int layer;
    private readonly bool sharesOfPast;
    private readonly ShiftedProjection key, receptance;
    private readonly Projection value;

    public ShiftedMlpBlock(ShiftedMlpSpec spec, in LayerSite site)
    {
        layer = site.Layer;
        sharesOfPast = spec.SharesOfPast;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("feed_forward"));
        key = new ShiftedProjection(weights, prefix, "key", spec.IntermediateSize, hiddenSize);
        receptance = new ShiftedProjection(weights, prefix, "receptance", hiddenSize, hiddenSize);
        value = new Projection(weights, $"{prefix}.value", hiddenSize, spec.IntermediateSize, hasBias: false);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        Tensor before = TokenShift.Forward(pass, x, context.ChannelRuns(layer));
        (Tensor shared, Tensor other) = sharesOfPast ? (before, x) : (x, before);
        Tensor inner = Activation.Forward(pass, ActivationFunction.ReluSquared, key.Forward(pass, shared, other));
        return GatedActivation.Forward(pass, ActivationFunction.Sigmoid, receptance.Forward(pass, shared, other), value.Forward(pass, inner));
    }
}
