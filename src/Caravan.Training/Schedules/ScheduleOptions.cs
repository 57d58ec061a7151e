namespace Caravan.Training;

/// <summary>Which learning rates a run has. Numbers that a schedule does not know are not read.</summary>
internal sealed record ScheduleOptions
{
    /// <summary>A name of <see cref="ScheduleCatalog"/>.</summary>
    public string Name { get; init; } = "cosine";

    /// <summary>The learning rate after the warm-up.</summary>
    public double Rate { get; init; } = 1e-4;

    /// <summary>The learning rate that is never fallen below after the warm-up; 0 for none.</summary>
    public double MinimumRate { get; init; }

    /// <summary>Steps during which the rate rises from 0; null means <see cref="WarmupRatio"/>.</summary>
    public int? WarmupSteps { get; init; }

    /// <summary>The same as a share of all steps, rounded up; 0 for none.</summary>
    public double WarmupRatio { get; init; }

    /// <summary>How often a cosine with restarts falls, at least 1.</summary>
    public int Cycles { get; init; } = 1;

    /// <summary>The share of all steps, at the end, in which a stable rate falls (wsd).</summary>
    public double DecayRatio { get; init; } = 0.1;

    /// <summary>How it falls then.</summary>
    public DecayShape Decay { get; init; } = DecayShape.Linear;

    /// <summary>The exponent of a polynomial; 1 is linear.</summary>
    public double Power { get; init; } = 1;

    /// <summary>Steps from one restart to the next (jagged_cosine): where adapters are merged.</summary>
    public int RestartPeriod { get; init; } = 1_000;

    /// <summary>Steps in which the rate rises again after each (jagged_cosine).</summary>
    public int RestartWarmupSteps { get; init; } = 50;
}
