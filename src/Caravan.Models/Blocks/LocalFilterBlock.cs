using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>norm(x + outer(inner(x))), both convolutions of a row and the row before.</summary>
internal sealed class LocalFilterBlock
{
    private readonly LocalFilterSpec spec;
    private readonly Projection inner, outer;
    private readonly NormBlock norm;

    public LocalFilterBlock(LocalFilterSpec spec, WeightReader weights, string name)
    {
        this.spec = spec;
        inner = new Projection(weights, $"{name}.inner", spec.InnerChannels, 2 * spec.Channels, hasBias: true);
        outer = new Projection(weights, $"{name}.outer", spec.Channels, 2 * spec.InnerChannels, hasBias: true);
        norm = new NormBlock(spec.Norm, $"{name}.norm", spec.Channels, weights);
    }

    public Tensor Forward(Pass pass, Tensor x, in SequenceRuns runs)
    {
        Tensor half = Convolved(pass, inner, x, runs);
        return norm.Forward(pass, Add.Forward(pass, x, Convolved(pass, outer, half, runs.From(spec.Channels))));
    }

    /// <summary>The kernel's two taps lie beside each other for each channel: so do the row before and the row.</summary>
    private static Tensor Convolved(Pass pass, Projection kernel, Tensor x, in SequenceRuns runs) =>
        kernel.Forward(pass, Interleave.Forward(pass, TokenShift.Forward(pass, x, runs), x, 1));
}
