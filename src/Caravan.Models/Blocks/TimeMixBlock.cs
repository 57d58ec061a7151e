using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Sequence mixer: an average of past values whose weights decay channel by channel, gated.</summary>
internal sealed class TimeMixBlock : SequenceMixer
{
    private readonly TimeMixSpec spec;
    private readonly int layer;
    private readonly ShiftedProjection key, value, receptance;
    private readonly Projection output;
    private readonly DecayRates decay;
    private readonly Tensor first;

    public TimeMixBlock(TimeMixSpec spec, in LayerSite site)
    {
        this.spec = spec;
        layer = site.Layer;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("time_mix"));
        key = new ShiftedProjection(weights, prefix, "key", spec.InnerSize, hiddenSize);
        value = new ShiftedProjection(weights, prefix, "value", spec.InnerSize, hiddenSize);
        receptance = new ShiftedProjection(weights, prefix, "receptance", spec.InnerSize, hiddenSize);
        decay = new DecayRates(weights, $"{prefix}.decay", spec.InnerSize);
        first = weights.Vector($"{prefix}.first", spec.InnerSize);
        output = new Projection(weights, $"{prefix}.output", hiddenSize, spec.InnerSize, hasBias: false);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        SequenceRuns runs = context.MixerRuns(layer);
        Tensor before = TokenShift.Forward(pass, x, runs);
        Tensor mixed = Wkv.Forward(pass, key.Forward(pass, x, before), value.Forward(pass, x, before), decay.Forward(pass), first, runs.From(spec.HiddenSize));
        return output.Forward(pass, GatedActivation.Forward(pass, ActivationFunction.Sigmoid, receptance.Forward(pass, x, before), mixed));
    }
}
