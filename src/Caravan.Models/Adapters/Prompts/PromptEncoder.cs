using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>What makes the rows of virtual tokens: the rows themselves are learnt, or a small network that gives them.</summary>
internal abstract class PromptEncoder : IDisposable
{
    private readonly List<Tensor> parameters = [];

    /// <summary>Everything it has learnt, by PEFT's names.</summary>
    public IReadOnlyList<Tensor> Parameters => parameters;

    /// <summary>Number of virtual tokens.</summary>
    public abstract int Count { get; }

    /// <summary>Features of each.</summary>
    public abstract long Width { get; }

    /// <summary>The rows.</summary>
    /// <returns>[P, W] F32.</returns>
    public abstract Tensor Forward(Pass pass);

    /// <summary>Frees what it has learnt.</summary>
    public void Dispose()
    {
        foreach (Tensor parameter in parameters) parameter.Dispose();
    }

    /// <summary>A tensor that is learnt.</summary>
    protected Tensor Learnt(string name, Tensor tensor)
    {
        tensor.Name = name;
        parameters.Add(tensor);
        return tensor;
    }

    /// <summary>A linear layer that is learnt, as PyTorch makes one: uniform in ±1/√inputs.</summary>
    protected LinearWeights Linear(string name, long outputs, long inputs, Random random)
    {
        double bound = 1 / Math.Sqrt(inputs);
        return new LinearWeights(
            Learnt($"{name}.weight", InitialValues.Uniform(new Shape(outputs, inputs), bound, random)), Learnt($"{name}.bias", InitialValues.Uniform(new Shape(outputs), bound, random)));
    }
}
