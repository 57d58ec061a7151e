using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>
/// One pass through a model: the device it runs on, the workspace its activations live in, and, when something is to be learnt, the tape.
/// Every operator takes the pass first. Without a tape nothing is recorded: that is inference.
/// </summary>
internal sealed class Pass : IDisposable
{
    private readonly List<Tensor> lentGradients = [];

    /// <summary>A pass on a device, with a workspace of its own.</summary>
    /// <param name="device">Where it runs; stays the caller's.</param>
    /// <param name="tape">Records the operators for a backward pass; null for inference.</param>
    public Pass(Device device, Tape? tape = null)
    {
        Device = device;
        Tape = tape;
    }

    /// <summary>Where the operators run.</summary>
    public Device Device { get; }

    /// <summary>Where activations live until <see cref="Reset"/>.</summary>
    public Workspace Workspace { get; } = new();

    /// <summary>What was done, for the way back; null means inference.</summary>
    public Tape? Tape { get; }

    /// <summary>How activations meet quantized weights: exactly where there is a tape, else as the device says.</summary>
    internal ActivationPrecision Precision => Tape is null ? Device.Precision : ActivationPrecision.Exact;

    /// <summary>Told of every linear layer: its input, [N, K] F32, and its weight. Null, as usual, costs nothing.</summary>
    internal Action<Tensor, Tensor>? LinearObserver { get; init; }

    /// <summary>The device's kernels.</summary>
    internal KernelSet Kernels => Device.Kernels;

    /// <summary>
    /// An uninitialised F32 tensor for an operator's result. It requires a gradient if there is a tape and any of the inputs does.
    /// </summary>
    internal Tensor Result(Shape shape, Tensor input0, Tensor? input1 = null, Tensor? input2 = null)
    {
        Tensor result = Workspace.Rent(shape);
        result.RequiresGradient = Tape is not null
            && (input0.RequiresGradient || input1?.RequiresGradient == true || input2?.RequiresGradient == true);
        return result;
    }

    /// <summary>Where to add ∂loss/∂tensor: its gradient, made of zeros in the workspace unless the caller gave it one to
    /// accumulate in; an empty span when nobody asks for it.</summary>
    internal NativeSpan<float> GradientOf(Tensor? tensor)
    {
        if (tensor is not { RequiresGradient: true }) return default;
        if (tensor.Gradient is null)
        {
            tensor.Gradient = Workspace.RentZeroed(tensor.Shape);
            lentGradients.Add(tensor);
        }

        return tensor.Gradient.Floats;
    }

    /// <summary>The same, but scratch memory of zeros where nobody asks: for kernels that write all their gradients.</summary>
    internal NativeSpan<float> GradientOrScratch(Tensor tensor) => tensor.RequiresGradient ? GradientOf(tensor) : Workspace.RentZeroed(tensor.Shape).Floats;

    /// <summary>Ends the pass: forgets the tape's records and takes back all activations and the gradients that lived among them.</summary>
    public void Reset()
    {
        foreach (Tensor tensor in lentGradients) tensor.Gradient = null;
        lentGradients.Clear();
        Tape?.Clear();
        Workspace.Reset();
    }

    /// <summary>Frees the workspace.</summary>
    public void Dispose() => Workspace.Dispose();
}
