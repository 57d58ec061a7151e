using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Attention of a decoder's rows to those of an encoder (Vaswani et al. 2017, §3.2.3): queries are the decoder's, keys and values the encoder's. All
/// of them are seen from everywhere. For generating, keys and values are computed once for each sequence and kept in pages.
/// </summary>
internal sealed class CrossAttentionBlock
{
    private readonly AttentionShape shape;
    private readonly int layer;
    private readonly Projection query, key, value, output;

    public CrossAttentionBlock(AttentionSpec spec, in LayerSite site)
    {
        layer = site.Layer;
        shape = new AttentionShape(spec.Heads, spec.KeyValueHeads, spec.HeadSize, spec.ScaleOfScores, Causal: false);
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("cross_attention"));
        query = new Projection(weights, $"{prefix}.query", shape.QueryWidth, hiddenSize, spec.InputBias, spec.ScaledInputs);
        key = new Projection(weights, $"{prefix}.key", shape.KeyWidth, hiddenSize, spec.InputBias, spec.ScaledInputs);
        value = new Projection(weights, $"{prefix}.value", shape.KeyWidth, hiddenSize, spec.InputBias, spec.ScaledInputs);
        output = new Projection(weights, $"{prefix}.output", hiddenSize, shape.QueryWidth, spec.OutputBias, spec.ScaledInputs);
    }

    /// <summary>What is added to the residual stream.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32, normalised.</param>
    /// <param name="context">The encoder's rows, or the pages that keep their keys and values.</param>
    /// <returns>[N, D] F32.</returns>
    public Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        Tensor queries = query.Forward(pass, x);
        return output.Forward(pass, context.Encoded is { } rows ? ToRows(pass, queries, rows, context) : ToPages(pass, queries, context));
    }

    /// <summary>Keeps the keys and values of an encoder's rows, [N, D], in pages.</summary>
    public void Keep(Pass pass, Tensor rows, KeyValuePages pages, in PageMap map)
    {
        (Tensor keys, Tensor values) = Projection.Forward(pass, rows, key, value);
        Attention.Store(pass, shape, keys, values, pages.Layer(layer), map);
    }

    private Tensor ToRows(Pass pass, Tensor queries, Tensor rows, in ForwardContext context)
    {
        (Tensor keys, Tensor values) = Projection.Forward(pass, rows, key, value);
        return Attention.Forward(pass, shape, context.EncodedSegments, queries, keys, values);
    }

    private Tensor ToPages(Pass pass, Tensor queries, in ForwardContext context) => context.Pages is { } pages
        ? Attention.Forward(pass, shape, context.EncodedSegments, queries, pages.Layer(layer), context.Map.Table)
        : throw new InvalidOperationException("A decoder behind an encoder was run without the encoder's rows.");
}
