using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A linear layer with its weights: y = x · weightᵀ + bias.</summary>
internal sealed class Projection
{
    private readonly Tensor weight;
    private readonly Tensor? bias;

    public Projection(WeightReader weights, string name, int outputs, int inputs, bool hasBias)
    {
        weight = weights.Matrix($"{name}.weight", outputs, inputs);
        bias = hasBias ? weights.Vector($"{name}.bias", outputs) : null;
    }

    public Tensor Forward(Pass pass, Tensor x) => Linear.Forward(pass, x, weight, bias);
}
