using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A normalisation with its weight.</summary>
internal sealed class NormBlock(NormSpec spec, string name, int size, WeightReader weights)
{
    private readonly Tensor weight = weights.Vector($"{name}.weight", size);

    public Tensor Forward(Pass pass, Tensor x) => RmsNorm.Forward(pass, x, weight, spec.Epsilon);
}
