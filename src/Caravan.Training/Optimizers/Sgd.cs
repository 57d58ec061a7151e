using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Stochastic gradient descent with momentum (Polyak 1964; Sutskever et al. 2013, "On the importance of initialization and momentum"); weight decay
/// is part of the gradient.
/// </summary>
internal sealed class Sgd : Optimizer
{
    private readonly float momentum, weightDecay;
    private readonly bool nesterov;
    private readonly List<Tensor> velocities = [];

    /// <summary>Velocities of zero for each parameter, where there is momentum.</summary>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="momentum">Decay of the velocity; 0 for none.</param>
    /// <param name="nesterov">Whether steps look ahead along the velocity.</param>
    /// <param name="weightDecay">0 for none.</param>
    public Sgd(IReadOnlyList<Parameter> parameters, double momentum = 0, bool nesterov = false, double weightDecay = 0)
    {
        (this.momentum, this.nesterov, this.weightDecay) = ((float)momentum, nesterov, (float)weightDecay);
        if (momentum != 0) velocities.AddRange(parameters.Select(parameter => parameter.Allocate("velocity")));
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> State => velocities.Select(Named);

    /// <inheritdoc/>
    protected override void Update(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            SgdStep step = new((float)(rate * parameter.RateFactor), momentum, nesterov, parameter.Decays ? weightDecay : 0, (float)gradientScale);
            device.Kernels.Sgd(step, parameter.Values.Floats, parameter.Gradient!.Floats, momentum == 0 ? default : velocities[i].Floats);
        }
    }
}
