using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Lion (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", alg. 2): steps have the momentum's sign, and all the same size. By custom
/// its rate is three to ten times smaller than AdamW's, its decay as much larger.
/// </summary>
internal sealed class Lion : Optimizer
{
    private readonly float beta1, beta2, weightDecay;
    private readonly List<Tensor> momenta;

    /// <summary>Momenta of zero for each parameter.</summary>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="beta1">Share of the momentum in a step.</param>
    /// <param name="beta2">Decay of the momentum.</param>
    /// <param name="weightDecay">Decoupled decay; 0 for none.</param>
    public Lion(IReadOnlyList<Parameter> parameters, double beta1 = 0.9, double beta2 = 0.99, double weightDecay = 0)
    {
        (this.beta1, this.beta2, this.weightDecay) = ((float)beta1, (float)beta2, (float)weightDecay);
        momenta = [.. parameters.Select(parameter => parameter.Allocate("momentum"))];
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> State => momenta.Select(Named);

    /// <inheritdoc/>
    protected override void Update(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            LionStep step = new((float)(rate * parameter.RateFactor), beta1, beta2, parameter.Decays ? weightDecay : 0, (float)gradientScale);
            device.Kernels.Lion(step, parameter.Values.Floats, parameter.Gradient!.Floats, momenta[i].Floats);
        }
    }
}
