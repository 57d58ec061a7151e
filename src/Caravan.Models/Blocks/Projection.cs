using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A linear layer with its weights: y = scale · x · weightᵀ + bias, where the scale is 1 or, where inputs are scaled, 1/√inputs.</summary>
internal sealed class Projection
{
    private readonly LinearWeights weights;
    private readonly float inputScale;

    public Projection(WeightReader reader, string name, int outputs, int inputs, bool hasBias, bool scaledInputs = false)
    {
        weights = new LinearWeights(reader.Matrix($"{name}.weight", outputs, inputs), hasBias ? reader.Vector($"{name}.bias", outputs) : null);
        inputScale = scaledInputs ? 1 / MathF.Sqrt(inputs) : 1;
    }

    /// <summary>Two layers of the same rows at once; both scale them or neither does.</summary>
    public static (Tensor First, Tensor Second) Forward(Pass pass, Tensor x, Projection first, Projection second) =>
        Linear.Forward(pass, first.Scaled(pass, x), first.weights, second.weights);

    /// <summary>Three layers of the same rows at once; all scale them or none does.</summary>
    public static (Tensor First, Tensor Second, Tensor Third) Forward(Pass pass, Tensor x, Projection first, Projection second, Projection third) =>
        Linear.Forward(pass, first.Scaled(pass, x), first.weights, second.weights, third.weights);

    public Tensor Forward(Pass pass, Tensor x) => Linear.Forward(pass, Scaled(pass, x), weights.Weight, weights.Bias);

    private Tensor Scaled(Pass pass, Tensor x) => Scale.Forward(pass, x, inputScale);
}
