using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Something that is learnt: the tensor that the model computes with, the F32 numbers that the optimizer moves, and its gradient. Where the model's
/// tensor is F32 it is moved in place; where it is BF16 the master copy is moved and rounded into it after each step
/// (Micikevicius et al. 2018, "Mixed Precision Training", section 3.1).
/// </summary>
internal sealed class Parameter : IDisposable
{
    private readonly Tensor? master;

    /// <summary>A parameter over a tensor, which from now on requires a gradient.</summary>
    /// <param name="tensor">F32 or BF16, named; stays the caller's.</param>
    public Parameter(Tensor tensor)
    {
        Tensor = tensor;
        tensor.RequiresGradient = true;
        if (tensor.DType == DType.F32) return;
        master = Tensor.Allocate(tensor.Shape, name: tensor.Name);
        QuantFormats.Of(tensor.DType).Decode(tensor.Bytes, master.Floats);
    }

    /// <summary>What the model computes with.</summary>
    public Tensor Tensor { get; }

    /// <summary>Its name in states and messages.</summary>
    public string Name { get => field ?? Tensor.Name!; init; }

    /// <summary>The numbers that the optimizer moves, F32.</summary>
    public Tensor Values => master ?? Tensor;

    /// <summary>Whether weight decay applies: by custom not to vectors (norms, biases).</summary>
    public bool Decays { get; init; } = true;

    /// <summary>What it is learnt for: gradients of one task are clipped together, and those of another do not count. Empty where there is only one.</summary>
    public string Task { get; init; } = "";

    /// <summary>Factor of the learning rate; 1 for none (LoRA+ sets it).</summary>
    public float RateFactor { get; init; } = 1;

    /// <summary>∂loss/∂tensor, F32, summed over the micro-batches of a step; null until <see cref="KeepGradient"/>.</summary>
    public Tensor? Gradient { get; private set; }

    /// <summary>Gives the gradient memory that outlives passes.</summary>
    public void KeepGradient() => Tensor.Gradient = Gradient ??= Tensor.Allocate(Tensor.Shape);

    /// <summary>Sets the gradient to zero.</summary>
    public void ClearGradient() => Gradient?.Bytes.Clear();

    /// <summary>Memory that an optimizer keeps beside this: zeros, named after it; the caller disposes it.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="shape">Null means the parameter's own.</param>
    /// <param name="type">How elements are stored.</param>
    public Tensor Allocate(string name, Shape? shape = null, DType type = DType.F32) => Tensor.Allocate(shape ?? Tensor.Shape, type, $"{Name}.{name}");

    /// <summary>Brings what the optimizer moved to where the model reads it.</summary>
    public void Publish()
    {
        if (master is not null) QuantFormats.Of(Tensor.DType).Encode(master.Floats, Tensor.Bytes, Tensor.Shape.Columns);
    }

    /// <summary>Frees the gradient and the master copy.</summary>
    public void Dispose()
    {
        Tensor.Gradient = null;
        Gradient?.Dispose();
        master?.Dispose();
    }
}
