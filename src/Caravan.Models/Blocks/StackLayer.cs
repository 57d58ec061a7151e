using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Two mixers with norms and residual paths, in the order that <see cref="LayerSpec.Order"/> says.</summary>
internal sealed class StackLayer
{
    private readonly LayerSpec spec;
    private readonly AdapterRows adapters;
    private readonly NormBlock? mixerNorm, crossNorm, feedForwardNorm, mixerBranchNorm, feedForwardBranchNorm;
    private readonly SequenceMixer? sequenceMixer;
    private readonly CrossAttentionBlock? crossAttention;
    private readonly ChannelMixer? channelMixer;
    private readonly NormBlock? residualNorm, extraNorm;
    private readonly GatedMlpBlock? residual, extra;

    public StackLayer(LayerSpec spec, in LayerSite site)
    {
        this.spec = spec;
        adapters = site.Weights.AdapterRows;
        if (spec.HasSequenceMixer)
        {
            mixerNorm = Norm(spec.Norm, "mixer_norm", site);
            sequenceMixer = spec.SequenceMixer.Build(site);
        }

        if (spec.BranchNorm is { } branch) mixerBranchNorm = Norm(branch, "mixer_branch_norm", site);
        if (spec.CrossAttention is { } cross)
        {
            crossNorm = Norm(spec.Norm, "cross_norm", site);
            crossAttention = new CrossAttentionBlock(cross, site);
        }

        if (spec.Residual is { } between)
        {
            residualNorm = Norm(spec.Norm, "residual_norm", site);
            residual = new GatedMlpBlock(between, site, "residual");
        }

        if (spec.Extra is { } behind)
        {
            extraNorm = Norm(spec.Norm, "extra_norm", site);
            extra = new GatedMlpBlock(behind, site, "extra");
        }

        if (spec.HasSecondNorm) feedForwardNorm = Norm(spec.Norm, "feed_forward_norm", site);
        if (spec.HasChannelMixer) channelMixer = spec.ChannelMixer.Build(site);
        if (spec.BranchNorm is { } last) feedForwardBranchNorm = Norm(last, "feed_forward_branch_norm", site);
    }

    public Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        adapters.Current = context.Adapters;
        return Scale.Forward(pass, Ordered(pass, x, context), spec.OutputScale);
    }

    private Tensor Ordered(Pass pass, Tensor x, in ForwardContext context)
    {
        Tensor normed;
        switch (spec.Order)
        {
            case LayerOrder.PreNorm when residual is not null:
                Tensor between = Add.Forward(pass, x, Mix(pass, mixerNorm!.Forward(pass, x), context));
                between = Add.Forward(pass, between, residual.Forward(pass, residualNorm!.Forward(pass, between), context));
                return Add.Forward(pass, between, FeedForward(pass, feedForwardNorm!.Forward(pass, x), context));
            case LayerOrder.PreNorm:
                if (sequenceMixer is not null) x = Add.Forward(pass, Kept(pass, x), Mix(pass, mixerNorm!.Forward(pass, x), context));
                if (crossAttention is not null) x = Add.Forward(pass, x, crossAttention.Forward(pass, crossNorm!.Forward(pass, x), context));
                if (channelMixer is not null) x = Add.Forward(pass, Kept(pass, x), FeedForward(pass, feedForwardNorm!.Forward(pass, x), context));
                return extra is null ? x : Add.Forward(pass, x, extra.Forward(pass, extraNorm!.Forward(pass, x), context));
            case LayerOrder.PostNorm:
                x = mixerNorm!.Forward(pass, Add.Forward(pass, x, Mix(pass, x, context)));
                if (crossAttention is not null) x = crossNorm!.Forward(pass, Add.Forward(pass, x, crossAttention.Forward(pass, x, context)));
                return feedForwardNorm!.Forward(pass, Add.Forward(pass, x, FeedForward(pass, x, context)));
            case LayerOrder.NormedResidual:
                normed = mixerNorm!.Forward(pass, x);
                x = Add.Forward(pass, Kept(pass, normed), Mix(pass, normed, context));
                normed = feedForwardNorm!.Forward(pass, x);
                return Add.Forward(pass, Kept(pass, normed), FeedForward(pass, normed, context));
            default:
                normed = mixerNorm!.Forward(pass, x);
                Tensor mixed = Add.Forward(pass, x, Mix(pass, normed, context));
                return Add.Forward(pass, mixed, FeedForward(pass, feedForwardNorm?.Forward(pass, x) ?? normed, context));
        }
    }

    /// <summary>Keeps the keys and values of an encoder's rows in pages, where the layer attends to them.</summary>
    public void KeepEncoded(Pass pass, Tensor rows, KeyValuePages pages, in PageMap map) => crossAttention?.Keep(pass, rows, pages, map);

    private static NormBlock Norm(NormSpec norm, string part, in LayerSite site) => new(norm, site.NameOf(part), site.HiddenSize, site.Weights);

    private Tensor Mix(Pass pass, Tensor x, in ForwardContext context) => Branch(pass, sequenceMixer!.Forward(pass, x, context), mixerBranchNorm);

    private Tensor FeedForward(Pass pass, Tensor x, in ForwardContext context) =>
        Branch(pass, channelMixer!.Forward(pass, x, context), feedForwardBranchNorm);

    private Tensor Kept(Pass pass, Tensor x) => Scale.Forward(pass, x, spec.ResidualScale);

    private Tensor Branch(Pass pass, Tensor x, NormBlock? norm) => Scale.Forward(pass, norm?.Forward(pass, x) ?? x, spec.BranchScale);
}
