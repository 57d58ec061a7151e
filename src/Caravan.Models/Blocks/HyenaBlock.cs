using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Sequence mixer: a long convolution between two gates.</summary>
internal sealed class HyenaBlock : SequenceMixer
{
    private readonly HyenaSpec spec;
    private readonly int layer;
    private readonly Projection projection, output;
    private readonly Tensor conv, convBias, poles, residues, skip;

    public HyenaBlock(HyenaSpec spec, in LayerSite site)
    {
        this.spec = spec;
        layer = site.Layer;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("hyena"));
        projection = new Projection(weights, $"{prefix}.projection", 3 * spec.Channels, hiddenSize, hasBias: true);
        conv = weights.Table($"{prefix}.conv.weight", spec.Taps, 3L * spec.Channels);
        convBias = weights.Vector($"{prefix}.conv.bias", 3L * spec.Channels);
        poles = weights.Table($"{prefix}.poles", 2L * spec.Modes, spec.Channels);
        residues = weights.Table($"{prefix}.residues", 2L * spec.Modes, spec.Channels);
        skip = weights.Vector($"{prefix}.skip", spec.Channels);
        output = new Projection(weights, $"{prefix}.output", hiddenSize, spec.Channels, hasBias: true);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        SequenceRuns runs = context.MixerRuns(layer);
        Tensor all = CausalConv.Forward(pass, projection.Forward(pass, x), conv, convBias, runs);
        Tensor inner = Multiply.Forward(pass, Part(pass, all, 1), Part(pass, all, 2));
        Tensor filtered = LongConv.Forward(pass, inner, poles, residues, skip, runs.From(CausalConv.StateSize(spec.Taps, 3L * spec.Channels)));
        return output.Forward(pass, Multiply.Forward(pass, Part(pass, all, 0), filtered));
    }

    private Tensor Part(Pass pass, Tensor all, int number)
    {
        long size = spec.Channels / spec.Groups;
        return Columns.Forward(pass, all, number * size, size, 3 * size);
    }
}
