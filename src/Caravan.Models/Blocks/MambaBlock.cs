using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Sequence mixer: a selective state space behind a short convolution, gated.</summary>
internal sealed class MambaBlock : SequenceMixer
{
    private readonly MambaSpec spec;
    private readonly int layer;
    private readonly Projection input, gate, stepIn, b, c, step, output;
    private readonly Tensor conv, skip;
    private readonly DecayRates rates;
    private readonly Tensor? convBias;
    private readonly NormBlock? stepNorm, bNorm, cNorm;

    public MambaBlock(MambaSpec spec, in LayerSite site)
    {
        this.spec = spec;
        layer = site.Layer;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("mamba"));
        input = new Projection(weights, $"{prefix}.input", spec.InnerSize, hiddenSize, spec.Bias);
        gate = new Projection(weights, $"{prefix}.gate", spec.InnerSize, hiddenSize, spec.Bias);
        conv = weights.Table($"{prefix}.conv.weight", spec.Taps, spec.InnerSize);
        if (spec.ConvBias) convBias = weights.Vector($"{prefix}.conv.bias", spec.InnerSize);
        stepIn = new Projection(weights, $"{prefix}.step_in", spec.StepRank, spec.InnerSize, hasBias: false);
        b = new Projection(weights, $"{prefix}.b", spec.States, spec.InnerSize, hasBias: false);
        c = new Projection(weights, $"{prefix}.c", spec.States, spec.InnerSize, hasBias: false);
        if (spec.ParameterNorm is { } norm)
        {
            stepNorm = new NormBlock(norm, $"{prefix}.step_norm", spec.StepRank, weights);
            bNorm = new NormBlock(norm, $"{prefix}.b_norm", spec.States, weights);
            cNorm = new NormBlock(norm, $"{prefix}.c_norm", spec.States, weights);
        }

        step = new Projection(weights, $"{prefix}.step", spec.InnerSize, spec.StepRank, hasBias: true);
        rates = new DecayRates(weights, $"{prefix}.a_log", spec.States, spec.InnerSize);
        skip = weights.Vector($"{prefix}.skip", spec.InnerSize);
        output = new Projection(weights, $"{prefix}.output", hiddenSize, spec.InnerSize, spec.Bias);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        SequenceRuns runs = context.MixerRuns(layer);
        (Tensor values, Tensor gates) = Projection.Forward(pass, x, input, gate);
        values = Activation.Forward(pass, spec.Activation, CausalConv.Forward(pass, values, conv, convBias, runs));
        (Tensor steps, Tensor inward, Tensor outward) = Projection.Forward(pass, values, stepIn, b, c);
        steps = Activation.Forward(pass, ActivationFunction.Softplus, step.Forward(pass, stepNorm?.Forward(pass, steps) ?? steps));
        inward = bNorm?.Forward(pass, inward) ?? inward;
        outward = cNorm?.Forward(pass, outward) ?? outward;
        Tensor scanned = SelectiveScan.Forward(pass, values, steps, rates.Forward(pass), inward, outward, skip, runs.From(CausalConv.StateSize(spec.Taps, spec.InnerSize)));
        return output.Forward(pass, GatedActivation.Forward(pass, spec.Activation, gates, scanned));
    }
}
