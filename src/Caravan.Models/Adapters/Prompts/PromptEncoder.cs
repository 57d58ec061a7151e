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

    /// <summary>Rows that are learnt and begin with normal numbers.</summary>
    protected Tensor Rows(long count, long width, ulong seed)
    {
        const string Name = "embedding.weight";
        return Learnt(Name, InitialValues.Normal(Tensor.Allocate(new Shape(count, width)), 1, Noise.Mix(seed, Noise.StreamOf(Name))));
    }

    /// <summary>Something learnt that begins uniform in ±bound.</summary>
    protected Tensor Uniform(string name, Shape shape, double bound, ulong seed) =>
        Learnt(name, InitialValues.Uniform(Tensor.Allocate(shape), bound, Noise.Mix(seed, Noise.StreamOf(name))));

    /// <summary>A linear layer that is learnt, as PyTorch makes one: uniform in ±1/√inputs.</summary>
    protected LinearWeights Linear(string name, long outputs, long inputs, ulong seed) => new(
        Uniform($"{name}.weight", new Shape(outputs, inputs), 1 / Math.Sqrt(inputs), seed), Uniform($"{name}.bias", new Shape(outputs), 1 / Math.Sqrt(inputs), seed));
}
