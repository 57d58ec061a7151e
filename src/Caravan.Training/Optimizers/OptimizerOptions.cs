namespace Caravan.Training;

/// <summary>Which optimizer a run has. Numbers that an optimizer does not know are not read; null means what its paper advises.</summary>
internal sealed record OptimizerOptions
{
    /// <summary>A name of <see cref="OptimizerCatalog"/>.</summary>
    public string Name { get; init; } = "adamw";

    /// <summary>Decay of the first moment (adamw, adamw8bit), or share of the momentum in a step (lion), in [0, 1); null means 0.9.</summary>
    public double? Beta1 { get; init; }

    /// <summary>Decay of the second moment (adamw, adamw8bit), null meaning 0.999, or of the momentum (lion), null meaning 0.99; in [0, 1).</summary>
    public double? Beta2 { get; init; }

    /// <summary>Added to the root of the second moment (adamw, adamw8bit).</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>How fast weights fall towards 0, times the learning rate; 0 for none.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Decay of the velocity (sgd), in [0, 1); 0 for none.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether steps look ahead along the velocity (sgd).</summary>
    public bool Nesterov { get; init; }

    /// <summary>Elements that share a scale (adamw8bit), at least 16.</summary>
    public int Block { get; init; } = 256;

    /// <summary>Largest root mean square of an update before the rate (adafactor); infinity for none.</summary>
    public double ClipThreshold { get; init; } = 1;

    /// <summary>Whether step sizes follow the size of the weights and the step's number (adafactor).</summary>
    public bool RelativeSteps { get; init; }

    /// <summary>Largest absolute value of a gradient's elements (lomo); infinity for none.</summary>
    public double ClipValue { get; init; } = double.PositiveInfinity;

    /// <summary>How far from the weights losses are taken (mezo).</summary>
    public double Perturbation { get; init; } = 1e-3;

    /// <summary>Seed of the noise (mezo).</summary>
    public ulong Seed { get; init; }
}
