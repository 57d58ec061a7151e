using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Sequence mixer: attention without a softmax whose past fades, each head at its own rate.</summary>
internal sealed class RetentionBlock : SequenceMixer
{
    private readonly RetentionSpec spec;
    private readonly int layer, table;
    private readonly Projection query, key, value, gate, output;
    private readonly NormBlock headNorm;

    public RetentionBlock(RetentionSpec spec, in LayerSite site)
    {
        this.spec = spec;
        layer = site.Layer;
        table = site.Rotary.IndexOf(spec.Rotary);
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("retention"));
        int keyWidth = spec.Heads * spec.KeySize, valueWidth = spec.Heads * spec.ValueSize;
        query = new Projection(weights, $"{prefix}.query", keyWidth, hiddenSize, hasBias: false);
        key = new Projection(weights, $"{prefix}.key", keyWidth, hiddenSize, hasBias: false);
        value = new Projection(weights, $"{prefix}.value", valueWidth, hiddenSize, hasBias: false);
        gate = new Projection(weights, $"{prefix}.gate", valueWidth, hiddenSize, hasBias: false);
        headNorm = new NormBlock(spec.HeadNorm, $"{prefix}.head_norm", spec.ValueSize, weights, spec.ValueSize);
        output = new Projection(weights, $"{prefix}.output", hiddenSize, valueWidth, hasBias: false);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        (Tensor queries, Tensor keys, Tensor values) = Projection.Forward(pass, x, query, key, value);
        queries = Scale.Forward(pass, Placed(pass, queries, context), 1 / MathF.Sqrt(spec.KeySize));
        Tensor retained = Retention.Forward(pass, queries, Placed(pass, keys, context), values, Decays(pass), context.MixerRuns(layer));
        return output.Forward(pass, GatedActivation.Forward(pass, ActivationFunction.Silu, gate.Forward(pass, x), headNorm.Forward(pass, retained)));
    }

    private Tensor Placed(Pass pass, Tensor x, in ForwardContext context) =>
        Rope.Forward(pass, x, context.Rotary[table], spec.KeySize, spec.Rotary.Layout);

    private Tensor Decays(Pass pass)
    {
        Tensor decays = pass.Workspace.Rent(new Shape(spec.Heads));
        for (int head = 0; head < spec.Heads; head++) decays.Floats[head] = 1 - MathF.ScaleB(1, -5 - head);
        return decays;
    }
}
