using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A normalisation with its weights.</summary>
internal sealed class NormBlock
{
    private readonly NormSpec spec;
    private readonly long columns;
    private readonly Tensor? weight, bias;
    private readonly Tensor[]? weights;

    /// <summary>The norm of a name.</summary>
    /// <param name="spec">What it computes.</param>
    /// <param name="name">Canonical name without <c>.weight</c>.</param>
    /// <param name="size">Elements of its parameters.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="columns">Features that are normalised together, in rows that consist of several such groups; 0 for whole rows.</param>
    public NormBlock(NormSpec spec, string name, int size, WeightReader weights, int columns = 0)
    {
        this.spec = spec;
        this.columns = columns;
        // Some files keep the weights of each head as a vector of its own.
        if (spec.HasWeight && columns > 0 && weights.Has($"{name}.heads.0.weight"))
            this.weights = weights.Vectors($"{name}.heads.{{e}}.weight", (int)(size / columns), columns);
        else if (spec.HasWeight) weight = weights.Vector($"{name}.weight", size);
        if (spec.HasBias) bias = weights.Vector($"{name}.bias", size);
    }

    public Tensor Forward(Pass pass, Tensor x)
    {
        Tensor? factors = weights is null ? weight : Join.Forward(pass, weights);
        return spec.Kind == NormKind.Layer
            ? LayerNorm.Forward(pass, x, factors, bias, spec.Epsilon, columns)
            : RmsNorm.Forward(pass, x, factors!, spec.Epsilon, columns);
    }
}
