using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Channel mixer: a router chooses experts for each token; the tokens of an expert meet its matrices together, so that each is read once for all
/// of them.
/// </summary>
internal sealed class ExpertsBlock : ChannelMixer
{
    private readonly ExpertsSpec spec;
    private readonly LinearWeights router;
    private readonly Tensor[] gates = [], ups, downs;
    private readonly GatedMlpBlock? shared;
    private readonly Tensor? sharedGate;

    public ExpertsBlock(ExpertsSpec spec, in LayerSite site)
    {
        this.spec = spec;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("feed_forward"));
        router = new LinearWeights(
            weights.Matrix($"{prefix}.router.weight", spec.Count, hiddenSize), spec.RouterBias ? weights.Vector($"{prefix}.router.bias", spec.Count) : null);
        if (spec.Gated) gates = weights.Experts($"{prefix}.experts.{{e}}.gate.weight", spec.Count, spec.IntermediateSize, hiddenSize);
        ups = weights.Experts($"{prefix}.experts.{{e}}.up.weight", spec.Count, spec.IntermediateSize, hiddenSize);
        downs = weights.Experts($"{prefix}.experts.{{e}}.down.weight", spec.Count, hiddenSize, spec.IntermediateSize);
        if (spec.SharedSize > 0)
            shared = new GatedMlpBlock(new GatedMlpSpec { IntermediateSize = spec.SharedSize, Activation = spec.Activation }, site, "feed_forward.shared");
        if (spec.SharedGate) sharedGate = weights.Matrix($"{prefix}.shared_router.weight", 1, hiddenSize);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        Routing routing = Route.Forward(pass, Linear.Forward(pass, x, router.Weight, router.Bias), spec.PerToken, spec.Renormalised, spec.NormOrder);
        Tensor rows = Embedding.Forward(pass, x, routing.Rows.AsSpan());
        Tensor chosen = WeightedSum.Forward(pass, GroupedLinear.Forward(pass, Inner(pass, rows, routing), routing.Groups, downs), routing.Places, routing.Weights);
        return shared is null ? chosen : Add.Forward(pass, chosen, Shared(pass, x, context));
    }

    private Tensor Inner(Pass pass, Tensor rows, in Routing routing)
    {
        if (!spec.Gated) return Activation.Forward(pass, spec.Activation, GroupedLinear.Forward(pass, rows, routing.Groups, ups));
        (Tensor gated, Tensor values) = GroupedLinear.Forward(pass, rows, routing.Groups, gates, ups);
        return GatedActivation.Forward(pass, spec.Activation, gated, values);
    }

    private Tensor Shared(Pass pass, Tensor x, in ForwardContext context)
    {
        Tensor result = shared!.Forward(pass, x, context);
        return sharedGate is null ? result : RowScale.Forward(pass, result, Activation.Forward(pass, ActivationFunction.Sigmoid, Linear.Forward(pass, x, sharedGate)));
    }
}
