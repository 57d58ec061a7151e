using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Sequence mixer: multi-head attention with grouped keys and rotary positions.</summary>
internal sealed class AttentionBlock : SequenceMixer
{
    private readonly AttentionShape shape;
    private readonly AttentionSpec spec;
    private readonly int layer;
    private readonly int table;
    private readonly Projection query, key, value, output;

    public AttentionBlock(AttentionSpec spec, in LayerSite site)
    {
        this.spec = spec;
        layer = site.Layer;
        table = site.Rotary.IndexOf(spec.Rotary);
        shape = new AttentionShape(spec.Heads, spec.KeyValueHeads, spec.HeadSize, 1 / MathF.Sqrt(spec.HeadSize), spec.Window);
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("attention"));
        query = new Projection(weights, $"{prefix}.query", shape.QueryWidth, hiddenSize, spec.InputBias);
        key = new Projection(weights, $"{prefix}.key", shape.KeyWidth, hiddenSize, spec.InputBias);
        value = new Projection(weights, $"{prefix}.value", shape.KeyWidth, hiddenSize, spec.InputBias);
        output = new Projection(weights, $"{prefix}.output", hiddenSize, shape.QueryWidth, spec.OutputBias);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        RotaryAngles angles = context.Rotary[table];
        (Tensor queries, Tensor keys, Tensor values) = Projection.Forward(pass, x, query, key, value);
        queries = Rope.Forward(pass, queries, angles, spec.HeadSize, spec.Rotary.Layout);
        keys = Rope.Forward(pass, keys, angles, spec.HeadSize, spec.Rotary.Layout);
        Tensor mixed = context.Pages is null
            ? Attention.Forward(pass, shape, context.Segments, queries, keys, values)
            : Attention.Forward(pass, shape, context.Segments, queries, keys, values, context.Pages.Layer(layer), context.Map);
        return output.Forward(pass, mixed);
    }
}
