using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Rates of decay −e^w. What is learned is the logarithm w, so that no step makes a rate positive; where nothing is learned the rates are computed once.
/// </summary>
internal sealed class DecayRates(WeightReader weights, string name, params long[] dimensions)
{
    private readonly bool trainable = weights.Trainable;
    private readonly Tensor kept = weights.Trainable ? weights.Table(name, dimensions) : weights.Rates(name, dimensions);

    public Tensor Forward(Pass pass) =>
        trainable ? Scale.Forward(pass, Activation.Forward(pass, ActivationFunction.Exponential, kept), -1) : kept;
}
