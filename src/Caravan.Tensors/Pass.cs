using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>
/// One pass through a model: the device it runs on, the workspace its activations live in, and, when something is to be learnt, the tape.
/// Every operator takes the pass first. Without a tape nothing is recorded: that is inference.
/// </summary>
internal sealed class Pass : IDisposable
{
    private readonly List<Tensor> lentGradients = [];
    private readonly Pass? outer;
    private Pass? inner;
    private ulong seed;

    /// <summary>A pass on a device, with a workspace of its own.</summary>
    /// <param name="device">Where it runs; stays the caller's.</param>
    /// <param name="tape">Records the operators for a backward pass; null for inference.</param>
    public Pass(Device device, Tape? tape = null)
    {
        Device = device;
        Tape = tape;
    }

    private Pass(Pass outer)
        : this(outer.Device, outer.Tape is null ? null : new Tape())
    {
        this.outer = outer;
        LinearObserver = outer.LinearObserver;
        TrainingPrecision = outer.TrainingPrecision;
    }

    /// <summary>Where the operators run.</summary>
    public Device Device { get; }

    /// <summary>Where activations live until <see cref="Reset"/>.</summary>
    public Workspace Workspace { get; } = new();

    /// <summary>What was done, for the way back; null means inference.</summary>
    public Tape? Tape { get; }

    /// <summary>
    /// Whether layers keep nothing but their inputs for the way back and are computed again there (Chen et al. 2016, "Training deep nets with
    /// sublinear memory cost"): the same results bit for bit in far less memory, for the time of another forward pass. Means nothing without a tape.
    /// </summary>
    public bool RecomputesLayers { get; init; }

    /// <summary>What the pass's random numbers are functions of, such as dropout's: whoever trains gives each step and part of a batch its own.</summary>
    public ulong Seed
    {
        get => outer?.Seed ?? seed;
        set => seed = value;
    }

    /// <summary>Bytes held from the system for activations and gradients.</summary>
    public long WorkspaceBytes => Workspace.Capacity + (inner?.WorkspaceBytes ?? 0);

    /// <summary>Bytes of activations and gradients that the pass has needed so far; of layers that are computed again, what is held for them.</summary>
    public long UsedBytes => Workspace.Used + (inner?.WorkspaceBytes ?? 0);

    /// <summary>
    /// A pass for a part of this one, with a workspace and, where there is one, a tape of its own: what it computes is gone when it is reset, but
    /// the gradients of tensors from outside stay.
    /// </summary>
    internal Pass Inner => inner ??= new Pass(this);

    /// <summary>
    /// Takes the gradient of each weight as soon as the way back has completed it, so that no two need memory at once; null, as usual, keeps all of
    /// them. To be set before the pass begins.
    /// </summary>
    public ILeafGradients? LeafGradients { get; set; }

    /// <summary>
    /// How activations, and the gradients that go back, meet quantized weights where there is a tape: <see cref="ActivationPrecision.Int8"/> trades
    /// an error of about a hundredth of each for speed. Weights that are not quantized stay exact.
    /// </summary>
    public ActivationPrecision TrainingPrecision { get; init; }

    /// <summary>How activations meet quantized weights in this pass.</summary>
    internal ActivationPrecision Precision => Tape is null ? Device.Precision : TrainingPrecision;

    /// <summary>Told of every linear layer that is computed: its input, [N, K] F32, and its weight. Null, as usual, costs nothing.</summary>
    internal Action<Tensor, Tensor>? LinearObserver { get; init; }

    /// <summary>The device's kernels.</summary>
    internal KernelSet Kernels => Device.Kernels;

    private Pass Outermost => outer is null ? this : outer.Outermost;

    /// <summary>
    /// An uninitialised F32 tensor for an operator's result. It requires a gradient if there is a tape and any of the inputs does.
    /// </summary>
    internal Tensor Result(Shape shape, params ReadOnlySpan<Tensor?> inputs)
    {
        Tensor result = Workspace.Rent(shape);
        foreach (Tensor? input in inputs) Depend(result, input);
        return result;
    }

    /// <summary>Says that a result depends on one more input. Every operator names all its inputs so, before it records its step.</summary>
    internal void Depend(Tensor result, Tensor? input)
    {
        if (Tape is null || input is not { RequiresGradient: true }) return;
        result.RequiresGradient = true;
        if (input.Home is null && Outermost is { LeafGradients: not null } outermost) outermost.Tape!.Use(input);
    }

    /// <summary>Where to add ∂loss/∂tensor: its gradient, made of zeros in the workspace unless the caller gave it one to
    /// accumulate in; an empty span when nobody asks for it.</summary>
    internal NativeSpan<float> GradientOf(Tensor? tensor)
    {
        NativeSpan<float> gradient = GradientOf(tensor, out bool first);
        if (first) gradient.Clear();
        return gradient;
    }

    /// <summary>The same for kernels that can set all of a gradient instead of adding to it.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="first">Whether nothing was added before, so that the gradient holds anything and must be set.</param>
    internal NativeSpan<float> GradientOf(Tensor? tensor, out bool first)
    {
        first = tensor is { RequiresGradient: true, Gradient: null };
        if (tensor is not { RequiresGradient: true }) return default;
        if (first)
        {
            Pass home = HomeOf(tensor);
            if (tensor.Home is null && home.LeafGradients is not null) home.LendLeaf(tensor);
            else home.Lend(tensor, home.Workspace.Rent(tensor.Shape));
        }

        return tensor.Gradient!.Floats;
    }

    /// <summary>
    /// The same for a tensor whose elements are read for the last time, once its gradient is computed: unless it has a gradient already, that is the
    /// tensor itself, to be overwritten.
    /// </summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="first">Whether it had none, so that all of it must be set.</param>
    internal NativeSpan<float> GradientInPlaceOf(Tensor tensor, out bool first)
    {
        first = tensor is { RequiresGradient: true, Gradient: null };
        if (first) HomeOf(tensor).Lend(tensor, tensor);
        return GradientOf(tensor);
    }

    /// <summary>The same, but scratch memory of zeros where nobody asks: for kernels that write all their gradients.</summary>
    internal NativeSpan<float> GradientOrScratch(Tensor tensor) => tensor.RequiresGradient ? GradientOf(tensor) : Workspace.RentZeroed(tensor.Shape).Floats;

    /// <summary>Ends the pass: forgets the tape's records and takes back all activations and the gradients that lived among them.</summary>
    public void Reset()
    {
        // A gradient that its owner has put there since is not of this workspace, and stays.
        foreach (Tensor tensor in lentGradients)
            if (tensor.Gradient?.Home == Workspace) tensor.Gradient = null;
        lentGradients.Clear();
        Tape?.Clear();
        Workspace.Reset();
    }

    /// <summary>Ends the pass and frees the workspace.</summary>
    public void Dispose()
    {
        Reset();
        inner?.Dispose();
        Workspace.Dispose();
    }

    /// <summary>The pass whose workspace a tensor lives in; the outermost one for tensors that stay.</summary>
    private Pass HomeOf(Tensor tensor) => outer is null || tensor.Home == Workspace ? this : outer.HomeOf(tensor);

    private void LendLeaf(Tensor leaf)
    {
        Tape!.RequireOpen(leaf);
        leaf.Gradient = LeafGradients!.Lend(leaf);
    }

    private void Lend(Tensor tensor, Tensor gradient)
    {
        tensor.Gradient = gradient;
        lentGradients.Add(tensor);
    }
}
