using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Sequence mixer: each head's sum of keys times values, which fades feature by feature, read by receptances and gated.</summary>
internal sealed class MatrixTimeMixBlock : SequenceMixer
{
    /// <summary>The mixtures of a row and the row before, in the order of the matrices that their shares come from.</summary>
    private static readonly string[] Mixtures = ["decay", "key", "value", "receptance", "gate"];

    private readonly MatrixTimeMixSpec spec;
    private readonly int layer;
    private readonly Tensor?[] shares;
    private readonly Projection key, value, receptance, gate, output;
    private readonly Tensor bonus;
    private readonly Tensor? decay;
    private readonly ShiftedProjection? shareIn;
    private readonly Tensor[] shareOut = [];
    private readonly Projection? decayIn, decayOut;
    private readonly NormBlock headNorm;

    public MatrixTimeMixBlock(MatrixTimeMixSpec spec, in LayerSite site)
    {
        this.spec = spec;
        layer = site.Layer;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("time_mix"));
        if (spec.Dynamic is { } dynamic)
        {
            shareIn = new ShiftedProjection(weights, prefix, "share_in", Mixtures.Length * dynamic.MixRank, hiddenSize);
            shareOut = weights.Experts($"{prefix}.mixtures.{{e}}.share_out.weight", Mixtures.Length, hiddenSize, dynamic.MixRank);
            decayIn = new Projection(weights, $"{prefix}.decay_in", dynamic.DecayRank, hiddenSize, hasBias: false);
            decayOut = new Projection(weights, $"{prefix}.decay_out", spec.InnerSize, dynamic.DecayRank, hasBias: true);
        }
        else
        {
            decay = weights.Table($"{prefix}.decay", spec.Heads, spec.HeadSize);
        }

        shares = [.. Mixtures.Select(name => name == "decay" && decayIn is null ? null : weights.Vector($"{prefix}.{name}_mix", hiddenSize))];
        key = Inward("key");
        value = Inward("value");
        receptance = Inward("receptance");
        gate = Inward("gate");
        bonus = weights.Table($"{prefix}.first", spec.Heads, spec.HeadSize);
        headNorm = new NormBlock(spec.HeadNorm, $"{prefix}.head_norm", spec.InnerSize, weights, spec.HeadSize);
        output = new Projection(weights, $"{prefix}.output", hiddenSize, spec.InnerSize, hasBias: false);

        Projection Inward(string name) => new(weights, $"{prefix}.{name}", spec.InnerSize, hiddenSize, hasBias: false);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        SequenceRuns runs = context.MixerRuns(layer);
        Tensor before = TokenShift.Forward(pass, x, runs);
        Tensor? narrow = shareIn is null ? null : Activation.Forward(pass, ActivationFunction.Tanh, shareIn.Forward(pass, before, x));
        Tensor decays = decay ?? decayOut!.Forward(pass, Activation.Forward(pass, ActivationFunction.Tanh, decayIn!.Forward(pass, Mixed(pass, 0, x, before, narrow))));
        Tensor keys = key.Forward(pass, Mixed(pass, 1, x, before, narrow)), values = value.Forward(pass, Mixed(pass, 2, x, before, narrow));
        Tensor receptances = receptance.Forward(pass, Mixed(pass, 3, x, before, narrow)), gates = gate.Forward(pass, Mixed(pass, 4, x, before, narrow));
        Tensor mixed = headNorm.Forward(pass, MatrixWkv.Forward(pass, receptances, keys, values, decays, bonus, runs.From(spec.HiddenSize)));
        return output.Forward(pass, GatedActivation.Forward(pass, ActivationFunction.Silu, gates, mixed));
    }

    /// <summary>Shares that are learned are those of the row itself; what depends on the row is the share of the row before.</summary>
    private Tensor Mixed(Pass pass, int mixture, Tensor x, Tensor before, Tensor? narrow)
    {
        if (narrow is null) return Interpolate.Forward(pass, x, before, shares[mixture]!);
        int rank = spec.Dynamic!.MixRank;
        Tensor own = Columns.Forward(pass, narrow, mixture * rank, rank, Mixtures.Length * rank);
        return Interpolate.Forward(pass, before, x, Linear.Forward(pass, own, shareOut[mixture], shares[mixture]));
    }
}
