using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Sequence mixer: multi-head attention with grouped keys.</summary>
internal sealed class AttentionBlock : SequenceMixer
{
    private readonly AttentionShape shape;
    private readonly AttentionSpec spec;
    private readonly int layer;
    private readonly int table;
    private readonly int biases;
    private readonly Projection query, key, value, output;
    private readonly NormBlock? queryNorm, keyNorm;
    private readonly LocalFilterBlock? filter;
    private readonly AdapterTable adapters;
    private readonly string name;

    public AttentionBlock(AttentionSpec spec, in LayerSite site)
    {
        this.spec = spec;
        layer = site.Layer;
        table = spec.Rotary is null ? -1 : site.Rotary.IndexOf(spec.Rotary);
        biases = site.Biases.IndexOf(spec.Bias);
        shape = new AttentionShape(spec.Heads, spec.KeyValueHeads, spec.HeadSize, spec.ScaleOfScores, spec.Window, Causal: !spec.Bidirectional) { SoftCap = spec.SoftCap };
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("attention"));
        (adapters, name) = (weights.Adapters, prefix);
        if (site.Prefix.Length == 0) adapters.Add(name, shape.KeyWidth);
        query = new Projection(weights, $"{prefix}.query", shape.QueryWidth, hiddenSize, spec.InputBias, spec.ScaledInputs);
        key = new Projection(weights, $"{prefix}.key", shape.KeyWidth, hiddenSize, spec.InputBias, spec.ScaledInputs);
        value = new Projection(weights, $"{prefix}.value", shape.KeyWidth, hiddenSize, spec.InputBias, spec.ScaledInputs);
        if (spec.QueryKeyNorm is { } norm)
        {
            queryNorm = new NormBlock(norm, $"{prefix}.query_norm", spec.NormPerHead ? shape.QueryWidth : spec.HeadSize, weights, spec.HeadSize);
            keyNorm = new NormBlock(norm, $"{prefix}.key_norm", spec.NormPerHead ? shape.KeyWidth : spec.HeadSize, weights, spec.HeadSize);
        }

        if (spec.Filter is not null) filter = new LocalFilterBlock(spec.Filter, weights, $"{prefix}.filter");
        output = new Projection(weights, $"{prefix}.output", hiddenSize, shape.QueryWidth, spec.OutputBias, spec.ScaledInputs);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        (Tensor queries, Tensor keys, Tensor values) = filter is null ? Projection.Forward(pass, x, query, key, value) : Filtered(pass, x, context);
        if (spec.AlternatingHeads) (queries, keys) = InTurn(pass, queries, keys);
        if (spec.Clip > 0)
        {
            queries = Clamp.Forward(pass, queries, spec.Clip);
            keys = Clamp.Forward(pass, keys, spec.Clip);
            values = Clamp.Forward(pass, values, spec.Clip);
        }

        if (spec.Rotary?.Scaling is { LogLength: > 0 and int trained }) queries = RowScale.Forward(pass, queries, Logarithms(pass, context.Map.Positions, trained));
        queries = Placed(pass, queryNorm?.Forward(pass, queries) ?? queries, context, ofKeys: false);
        keys = Placed(pass, keyNorm?.Forward(pass, keys) ?? keys, context, ofKeys: true);
        foreach (PromptRows prompt in context.Prompts)
        {
            keys = prompt.PlaceIn(pass, keys, adapters.Attentions[name]);
            values = prompt.PlaceIn(pass, values, adapters.Attentions[name] + shape.KeyWidth);
        }

        return output.Forward(pass, Prompted(pass, queries, Attend(pass, queries, keys, values, context), context.Adapters));
    }

    private Tensor Attend(Pass pass, Tensor queries, Tensor keys, Tensor values, in ForwardContext context)
    {
        LayerBias bias = context.Biases[biases];
        AttentionShape biased = shape with { Bias = bias.Bias };
        return !context.Sparse.IsEmpty ? context.Sparse.Forward(pass, biased, queries, keys, values, bias.Table)
            : context.Pages is null ? Attention.Forward(pass, biased, context.Segments, queries, keys, values, bias.Table)
            : Attention.Forward(pass, biased, context.Segments, queries, keys, values, context.Pages.Layer(layer), context.Map);
    }

    /// <summary>What queries gather, with what they gather of the rows that their adapters have learnt.</summary>
    private Tensor Prompted(Pass pass, Tensor queries, Tensor mixed, in BatchAdapters batch)
    {
        if (batch.Slot >= 0) return PromptOf(batch.Slot) is { } only ? Prompted(pass, only, queries, mixed) : mixed;
        foreach (AdapterGroup group in batch.Groups.AsSpan())
        {
            if (PromptOf(group.Slot) is not { } prompt) continue;
            NativeSpan<int> own = batch.RowsOf(group);
            Tensor some = Prompted(pass, prompt, Embedding.Forward(pass, queries, own.AsSpan()), Embedding.Forward(pass, mixed, own.AsSpan()));
            mixed = PlaceRows.Forward(pass, mixed, some, own);
        }

        return mixed;
    }

    private AdaptionPrompt? PromptOf(int slot) => adapters.Attached[slot]?.Attentions.GetValueOrDefault(name);

    private Tensor Prompted(Pass pass, AdaptionPrompt prompt, Tensor queries, Tensor mixed)
    {
        Tensor keys = key.ForwardOwn(pass, prompt.Prompt), values = value.ForwardOwn(pass, prompt.Prompt);
        if (spec.AlternatingHeads) (_, keys) = InTurn(pass, query.ForwardOwn(pass, prompt.Prompt), keys);
        return prompt.Forward(pass, shape, queries, keyNorm?.Forward(pass, keys) ?? keys, values, mixed);
    }

    private (Tensor Queries, Tensor Keys, Tensor Values) Filtered(Pass pass, Tensor x, in ForwardContext context)
    {
        (Tensor queries, Tensor keys) = Projection.Forward(pass, filter!.Forward(pass, x, context.MixerRuns(layer)), query, key);
        return (queries, keys, value.Forward(pass, x));
    }

    private (Tensor Queries, Tensor Keys) InTurn(Pass pass, Tensor first, Tensor second)
    {
        Tensor both = Interleave.Forward(pass, first, second, shape.QueryWidth);
        return (Columns.Forward(pass, both, 0, spec.HeadSize, 2L * spec.HeadSize), Columns.Forward(pass, both, spec.HeadSize, spec.HeadSize, 2L * spec.HeadSize));
    }

    /// <summary>[N, 1] max(1, ln(position) / ln(trained)), positions counted from 1.</summary>
    private static Tensor Logarithms(Pass pass, NativeSpan<int> positions, int trained)
    {
        Tensor factors = pass.Workspace.Rent(new Shape(positions.Length, 1));
        for (int row = 0; row < positions.Length; row++) factors.Floats[row] = Math.Max(1, (float)Math.Log(positions[row] + 1, trained));
        return factors;
    }

    private Tensor Placed(Pass pass, Tensor x, in ForwardContext context, bool ofKeys) => spec.Rotary is not { } rotary
        ? x
        : Rope.Forward(pass, x, ofKeys ? context.Rotary.OfKeys(table) : context.Rotary[table], spec.HeadSize / rotary.Places, rotary.Layout, rotary.Places);
}
