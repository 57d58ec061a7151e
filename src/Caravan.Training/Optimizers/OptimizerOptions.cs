namespace Caravan.Training;

/// <summary>Which optimizer a run has. Numbers that an optimizer does not know are not read; null means what its paper advises.</summary>
internal sealed record OptimizerOptions
{
    [Setting("Which: adamw (Loshchilov and Hutter 2019), adamw8bit (Dettmers et al. 2022), sgd, adafactor (Shazeer and Stern 2018), lion (Chen et al. 2023), lomo (Lv et al. 2023) or mezo (Malladi et al. 2023).", IsShorthand = true)]
    public string Name { get; init; } = "adamw";

    [Setting("Decay of the first moment (adamw, adamw8bit), or share of the momentum in a step (lion); 0.9 when absent.", Least = 0, Most = 1)]
    public double? Beta1 { get; init; }

    [Setting("Decay of the second moment (adamw, adamw8bit; 0.999 when absent), or of the momentum (lion; 0.99 when absent).", Least = 0, Most = 1)]
    public double? Beta2 { get; init; }

    [Setting("Added to the root of the second moment (adamw, adamw8bit).", Least = 0)]
    public double Epsilon { get; init; } = 1e-8;

    [Setting("How fast weights fall towards 0, times the learning rate; 0 for none. Vectors (norms, biases) are left out.", Least = 0)]
    public double WeightDecay { get; init; }

    [Setting("Decay of the velocity (sgd); 0 for none.", Least = 0, Most = 1)]
    public double Momentum { get; init; }

    [Setting("Whether steps look ahead along the velocity (sgd).")]
    public bool Nesterov { get; init; }

    [Setting("Elements that share a scale (adamw8bit).", Least = 16)]
    public int Block { get; init; } = 256;

    [Setting("Largest root mean square of an update before the rate (adafactor); Infinity for none.", Least = 0)]
    public double ClipThreshold { get; init; } = 1;

    [Setting("Whether step sizes follow the size of the weights and the step's number (adafactor).")]
    public bool RelativeSteps { get; init; }

    [Setting("Largest absolute value of a gradient's elements (lomo); Infinity for none.", Least = 0)]
    public double ClipValue { get; init; } = double.PositiveInfinity;

    [Setting("How far from the weights losses are taken (mezo).", Least = 0)]
    public double Perturbation { get; init; } = 1e-3;

    /// <summary>Seed of the noise (mezo).</summary>
    public ulong Seed { get; init; }
}
