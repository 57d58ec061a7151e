namespace Caravan.Training;

/// <summary>Which learning rates a run has. Numbers that a schedule does not know are not read.</summary>
internal sealed record ScheduleOptions
{
    [Setting("How the rate falls: constant, linear, polynomial, cosine, cosine_with_restarts, wsd, inverse_sqrt or jagged_cosine.", IsCommon = true, IsShorthand = true)]
    public string Name { get; init; } = "cosine";

    [Setting("The learning rate after the warm-up.", IsCommon = true, Least = 0)]
    public double Rate { get; init; } = 1e-4;

    [Setting("The learning rate that the run ends at; 0 for none.", Least = 0)]
    public double MinimumRate { get; init; }

    [Setting("Steps during which the rate rises from 0; warmup_ratio's when absent.", IsCommon = true, Least = 0)]
    public int? WarmupSteps { get; init; }

    [Setting("The same as a share of all steps, rounded up; 0 for none.", Least = 0, Most = 1)]
    public double WarmupRatio { get; init; }

    [Setting("How often the cosine falls (cosine_with_restarts; Loshchilov and Hutter 2017).", Least = 1)]
    public int Cycles { get; init; } = 1;

    [Setting("The share of all steps, at the end, in which a stable rate falls (wsd; Hu et al. 2024).", Least = 0, Most = 1)]
    public double DecayRatio { get; init; } = 0.1;

    [Setting("How it falls then (wsd).")]
    public DecayShape Decay { get; init; } = DecayShape.Linear;

    [Setting("The exponent (polynomial); 1 is linear.", Least = 1e-3)]
    public double Power { get; init; } = 1;

    [Setting("Steps from one restart to the next (jagged_cosine; Lialin et al. 2023): where adapters are merged.", Least = 1)]
    public int RestartPeriod { get; init; } = 1_000;

    [Setting("Steps in which the rate rises again after each (jagged_cosine).", Least = 0)]
    public int RestartWarmupSteps { get; init; } = 50;
}
