using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// MeZO (Malladi et al. 2023, "Fine-Tuning Language Models with Just Forward Passes", alg. 1): learns from two losses, (L(w + εz) − L(w − εz)) / 2ε, in the
/// memory of inference. The noise z is made again from a seed wherever it is needed; seeds follow from that of the run and the number of the step.
/// </summary>
/// <param name="perturbation">ε.</param>
/// <param name="weightDecay">Decoupled decay; 0 for none.</param>
/// <param name="seed">Seed of the run.</param>
internal sealed class Mezo(double perturbation = 1e-3, double weightDecay = 0, ulong seed = 0) : Optimizer
{
    private double slope;

    /// <inheritdoc/>
    public override bool UsesGradients => false;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Tensor Values)> State => [];

    /// <inheritdoc/>
    /// <remarks>Each value is added to and subtracted from twice, and may be left two roundings of itself away.</remarks>
    public override double Estimate(Device device, IReadOnlyList<Parameter> parameters, Func<double> loss)
    {
        double up = LossAt(perturbation), down = LossAt(-perturbation);
        slope = (up - down) / (2 * perturbation);
        return (up + down) / 2;

        double LossAt(double offset)
        {
            Perturb(offset);
            try
            {
                return loss();
            }
            finally
            {
                Perturb(-offset);
            }
        }

        void Perturb(double offset)
        {
            for (int i = 0; i < parameters.Count; i++)
            {
                device.Kernels.AddNoise(parameters[i].Values.Floats, (float)offset, SeedOf(Steps + 1, i));
                parameters[i].Publish();
            }
        }
    }

    /// <inheritdoc/>
    protected override void Update(Device device, IReadOnlyList<Parameter> parameters, double rate, double gradientScale)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            Parameter parameter = parameters[i];
            double size = rate * parameter.RateFactor;
            if (weightDecay != 0 && parameter.Decays)
                device.Kernels.Scale(parameter.Values.Floats, (float)(1 - (size * weightDecay)), parameter.Values.Floats);
            device.Kernels.AddNoise(parameter.Values.Floats, (float)(-size * gradientScale * slope), SeedOf(Steps, i));
        }
    }

    private ulong SeedOf(int step, int parameter) => SplitMix64.At(SplitMix64.At(seed, (ulong)step), (ulong)parameter);
}
