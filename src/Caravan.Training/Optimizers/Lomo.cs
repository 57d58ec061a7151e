using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// LOMO (Lv et al. 2023, "Full Parameter Fine-tuning for Large Language Models with Limited Resources", section 3.1): gradient descent whose update is
/// fused into the way back. A parameter moves as soon as its gradient is complete, and the gradient's memory serves the next: no more of it is needed
/// than for a few parameters. There is nothing to accumulate and no norm to clip by; values can be clipped.
/// </summary>
/// <param name="clipValue">Largest absolute value of a gradient's elements; infinity for none.</param>
/// <param name="weightDecay">Decay that is part of the gradient; 0 for none.</param>
internal sealed class Lomo(double clipValue = double.PositiveInfinity, double weightDecay = 0) : Optimizer, ILeafGradients
{
    private readonly Dictionary<Tensor, Parameter> parametersOf = [];
    private readonly Dictionary<Shape, Stack<Tensor>> spare = [];
    private KernelSet? kernels;
    private double stepSize;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> State => [];

    /// <summary>Bytes of all gradients that were ever lent at once.</summary>
    public long GradientBytes { get; private set; }

    /// <inheritdoc/>
    public override ILeafGradients Fuse(Device device, IReadOnlyList<Parameter> parameters, double rate)
    {
        (kernels, stepSize) = (device.Kernels, rate);
        if (parametersOf.Count != parameters.Count)
            foreach (Parameter parameter in parameters) parametersOf[parameter.Tensor] = parameter;
        return this;
    }

    /// <inheritdoc/>
    public Tensor Lend(Tensor leaf)
    {
        if (!spare.TryGetValue(leaf.Shape, out Stack<Tensor>? stack)) spare.Add(leaf.Shape, stack = []);
        if (stack.TryPop(out Tensor? gradient)) return gradient;
        GradientBytes += DType.F32.Bytes(leaf.Shape.Elements);
        return Tensor.Allocate(leaf.Shape);
    }

    /// <inheritdoc/>
    public void Complete(Tensor leaf)
    {
        Tensor gradient = leaf.Gradient!;
        Parameter parameter = parametersOf[leaf];
        if (double.IsFinite(clipValue)) kernels!.Clamp(gradient.Floats, (float)clipValue, gradient.Floats);
        SgdStep step = new((float)(stepSize * parameter.RateFactor), WeightDecay: parameter.Decays ? (float)weightDecay : 0);
        kernels!.Sgd(step, parameter.Values.Floats, gradient.Floats, default);
        parameter.Publish();
        leaf.Gradient = null;
        spare[leaf.Shape].Push(gradient);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (Tensor gradient in spare.Values.SelectMany(stack => stack)) gradient.Dispose();
        spare.Clear();
        base.Dispose();
    }

    /// <summary>The parameters have moved already.</summary>
    protected override void Update(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale)
    {
        if (gradientScale != 1) throw new InvalidOperationException($"The gradients are gone before they can be multiplied by {gradientScale}.");
    }
}
