using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A normalisation with its weight.</summary>
internal sealed class NormBlock(WeightReader weights, string name, DecoderSpec spec)
{
    private readonly Tensor weight = weights.Vector($"{name}.weight", spec.HiddenSize);
    private readonly float epsilon = spec.NormEpsilon;

    public Tensor Forward(Pass pass, Tensor x) => RmsNorm.Forward(pass, x, weight, epsilon);
}
