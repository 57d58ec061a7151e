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
    private readonly Tensor? innerRouter;
    private readonly Tensor[] gates = [], linears = [], ups, downs;
    private readonly GatedMlpBlock? shared;
    private readonly Tensor? sharedGate;

    public ExpertsBlock(ExpertsSpec spec, in LayerSite site)
    {
        this.spec = spec;
        (int hiddenSize, WeightReader weights, string prefix) = (site.HiddenSize, site.Weights, site.NameOf("feed_forward"));
        router = new LinearWeights(
            weights.Matrix($"{prefix}.router.weight", spec.Count, spec.DeepRouter ? spec.Count : hiddenSize), spec.RouterBias ? weights.Vector($"{prefix}.router.bias", spec.Count) : null);
        if (spec.DeepRouter) innerRouter = weights.Matrix($"{prefix}.router.inner.weight", spec.Count, hiddenSize);
        if (spec.LinearGate) linears = weights.Experts($"{prefix}.experts.{{e}}.linear.weight", spec.Count, spec.IntermediateSize, hiddenSize);
        if (spec.Gated) gates = weights.Experts($"{prefix}.experts.{{e}}.gate.weight", spec.Count, spec.IntermediateSize, hiddenSize);
        ups = weights.Experts($"{prefix}.experts.{{e}}.up.weight", spec.Count, spec.IntermediateSize, hiddenSize);
        downs = weights.Experts($"{prefix}.experts.{{e}}.down.weight", spec.Count, hiddenSize, spec.IntermediateSize);
        if (spec.SharedSize > 0)
            shared = new GatedMlpBlock(new GatedMlpSpec { IntermediateSize = spec.SharedSize, Activation = spec.Activation }, site, "feed_forward.shared");
        if (spec.SharedGate) sharedGate = weights.Matrix($"{prefix}.shared_router.weight", 1, hiddenSize);
    }

    public override Tensor Forward(Pass pass, Tensor x, in ForwardContext context)
    {
        Routing routing = Route.Forward(pass, Logits(pass, x), spec.PerToken, spec.Renormalised, spec.NormOrder);
        Tensor rows = Embedding.Forward(pass, x, routing.Rows.AsSpan());
        Tensor chosen = WeightedSum.Forward(pass, GroupedLinear.Forward(pass, Inner(pass, rows, routing), routing.Groups, downs), routing.Places, routing.Weights);
        chosen = Scale.Forward(pass, chosen, spec.Scale);
        return shared is null ? chosen : Add.Forward(pass, chosen, Shared(pass, x, context));
    }

    private Tensor Logits(Pass pass, Tensor x)
    {
        if (innerRouter is not null) x = Activation.Forward(pass, ActivationFunction.Tanh, Linear.Forward(pass, x, innerRouter));
        return Linear.Forward(pass, x, router.Weight, router.Bias);
    }

    private Tensor Inner(Pass pass, Tensor rows, in Routing routing)
    {
        if (!spec.Gated) return Activation.Forward(pass, spec.Activation, GroupedLinear.Forward(pass, rows, routing.Groups, ups));
        (Tensor gated, Tensor values) = GroupedLinear.Forward(pass, rows, routing.Groups, gates, ups);
        if (spec.LinearGate) values = Multiply.Forward(pass, values, GroupedLinear.Forward(pass, rows, routing.Groups, linears));
        return GatedActivation.Forward(pass, spec.Activation, gated, values);
    }

    private Tensor Shared(Pass pass, Tensor x, in ForwardContext context)
    {
        Tensor result = shared!.Forward(pass, x, context);
        return sharedGate is null ? result : RowScale.Forward(pass, result, Activation.Forward(pass, ActivationFunction.Sigmoid, Linear.Forward(pass, x, sharedGate)));
    }
}
