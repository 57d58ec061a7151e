using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>AdamW (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", alg. 2).</summary>
internal sealed class AdamW : Optimizer
{
    private readonly float beta1, beta2, epsilon, weightDecay;
    private readonly List<(Tensor First, Tensor Second)> moments = [];

    /// <summary>Moments of zero for each parameter.</summary>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay; 0 for none.</param>
    public AdamW(IReadOnlyList<Parameter> parameters, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
    {
        (this.beta1, this.beta2, this.epsilon, this.weightDecay) = ((float)beta1, (float)beta2, (float)epsilon, (float)weightDecay);
        foreach (Parameter parameter in parameters)
            moments.Add((Moment(parameter, "first_moment"), Moment(parameter, "second_moment")));
    }

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> State =>
        moments.SelectMany(pair => ((string, Tensor)[])[(pair.First.Name!, pair.First), (pair.Second.Name!, pair.Second)]);

    /// <inheritdoc/>
    protected override void Update(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            AdamWStep step = new(
                (float)(rate * parameter.RateFactor), beta1, beta2, epsilon, parameter.Decays ? weightDecay : 0, Steps, (float)gradientScale);
            device.Kernels.AdamW(step, parameter.Values.Floats, parameter.Gradient!.Floats, moments[i].First.Floats, moments[i].Second.Floats);
        }
    }

    private static Tensor Moment(Parameter parameter, string name) => Tensor.Allocate(parameter.Tensor.Shape, name: $"{parameter.Name}.{name}");
}
