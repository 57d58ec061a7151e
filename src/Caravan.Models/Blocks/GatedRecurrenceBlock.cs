using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Sequence mixer: a real-gated linear recurrent unit behind a short convolution, gated.</summary>
internal sealed class GatedRecurrenceBlock : SequenceMixer
{
    /// <summary>c of De et al. 2024, eq. 3: how much the recurrence gate can speed the decay up.</summary>
    private const float GateStrength = 8;

    private readonly GatedRecurrenceSpec spec;
    private readonly int layer;
    private readonly Projection input, gate, output;
    private readonly Tensor conv, convBias, inputGate, inputGateBias, recurrenceGate, recurrenceGateBias, rate;

    public GatedRecurrenceBlock(GatedRecurrenceSpec spec, in LayerSite site)
    {
        this.spec = spec;
        layer = site.Layer;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("recurrence"));
        int size = spec.Width / spec.Heads;
        gate = new Projection(weights, $"{prefix}.gate", spec.Width, hiddenSize, hasBias: true);
        input = new Projection(weights, $"{prefix}.input", spec.Width, hiddenSize, hasBias: true);
        conv = weights.Table($"{prefix}.conv.weight", spec.Taps, spec.Width);
        convBias = weights.Vector($"{prefix}.conv.bias", spec.Width);
        inputGate = weights.Table($"{prefix}.input_gate.weight", spec.Heads, size, size);
        inputGateBias = weights.Vector($"{prefix}.input_gate.bias", spec.Width);
        recurrenceGate = weights.Table($"{prefix}.recurrence_gate.weight", spec.Heads, size, size);
        recurrenceGateBias = weights.Vector($"{prefix}.recurrence_gate.bias", spec.Width);
        rate = weights.Vector($"{prefix}.rate", spec.Width);
        output = new Projection(weights, $"{prefix}.output", hiddenSize, spec.Width, hasBias: true);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        SequenceRuns runs = context.MixerRuns(layer);
        (Tensor gates, Tensor values) = Projection.Forward(pass, x, gate, input);
        values = CausalConv.Forward(pass, values, conv, convBias, runs);
        Tensor gated = GatedActivation.Forward(pass, ActivationFunction.Sigmoid, BlockLinear.Forward(pass, values, inputGate, inputGateBias), values);
        Tensor speeds = Activation.Forward(pass, ActivationFunction.Sigmoid, BlockLinear.Forward(pass, values, recurrenceGate, recurrenceGateBias));
        Tensor decay = Scale.Forward(pass, Activation.Forward(pass, ActivationFunction.Softplus, rate), -GateStrength);
        Tensor mixed = RgLru.Forward(pass, gated, speeds, decay, runs.From(CausalConv.StateSize(spec.Taps, spec.Width)));
        return output.Forward(pass, GatedActivation.Forward(pass, spec.Activation, gates, mixed));
    }
}
