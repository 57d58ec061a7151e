namespace Caravan.Training;

/// <summary>Which optimizer a run has. Numbers that an optimizer does not know are not read; null means what its paper advises.</summary>
internal sealed record OptimizerOptions
{
    [Setting("How gradients become steps: adamw, adamw8bit, sgd, adafactor, lion, lomo or mezo.", IsCommon = true, IsShorthand = true)]
    public string Name { get; init; } = "adamw";

    [Setting("Decay of the first moment (adamw, adamw8bit) or share of the momentum in a step (lion), below 1; 0.9 when absent.", Least = 0, Most = 0.999999)]
    public double? Beta1 { get; init; }

    [Setting("Decay of the second moment (adamw, adamw8bit: 0.999 when absent) or of the momentum (lion: 0.99), below 1.", Least = 0, Most = 0.999999)]
    public double? Beta2 { get; init; }

    [Setting("Added to the root of the second moment (adamw, adamw8bit).", Least = 1e-30)]
    public double Epsilon { get; init; } = 1e-8;

    [Setting("How fast matrices fall towards 0, times the learning rate; 0 for not at all.", IsCommon = true, Least = 0)]
    public double WeightDecay { get; init; }

    [Setting("Decay of the velocity (sgd), below 1; 0 for no momentum.", Least = 0, Most = 0.999999)]
    public double Momentum { get; init; }

    [Setting("Whether steps look ahead along the velocity (sgd).")]
    public bool Nesterov { get; init; }

    [Setting("Elements that share a scale (adamw8bit).", Least = 16, Most = 1 << 20)]
    public int Block { get; init; } = 256;

    [Setting("Largest root mean square of an update before the rate (adafactor); 0 for no clipping.", Least = 0)]
    public double ClipThreshold { get; init; } = 1;

    [Setting("Whether step sizes follow the size of the weights and fall with the square root of the step's number (adafactor).")]
    public bool RelativeSteps { get; init; }

    [Setting("Largest absolute value of a gradient's elements (lomo); 0 for no clipping.", Least = 0)]
    public double ClipValue { get; init; }

    [Setting("How far from the weights losses are taken (mezo).", Least = 1e-12)]
    public double Perturbation { get; init; } = 1e-3;
}
