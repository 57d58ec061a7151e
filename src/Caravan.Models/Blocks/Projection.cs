using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A linear layer with its weights: y = x · weightᵀ + bias.</summary>
internal sealed class Projection
{
    private readonly LinearWeights weights;

    public Projection(WeightReader reader, string name, int outputs, int inputs, bool hasBias) =>
        weights = new LinearWeights(reader.Matrix($"{name}.weight", outputs, inputs), hasBias ? reader.Vector($"{name}.bias", outputs) : null);

    /// <summary>Two layers of the same rows at once.</summary>
    public static (Tensor First, Tensor Second) Forward(Pass pass, Tensor x, Projection first, Projection second) =>
        Linear.Forward(pass, x, first.weights, second.weights);

    /// <summary>Three layers of the same rows at once.</summary>
    public static (Tensor First, Tensor Second, Tensor Third) Forward(Pass pass, Tensor x, Projection first, Projection second, Projection third) =>
        Linear.Forward(pass, x, first.weights, second.weights, third.weights);

    public Tensor Forward(Pass pass, Tensor x) => Linear.Forward(pass, x, weights.Weight, weights.Bias);
}
