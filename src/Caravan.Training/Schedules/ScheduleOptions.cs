namespace Caravan.Training;

/// <summary>Which learning rates a run has. Numbers that a schedule does not know are not read.</summary>
internal sealed record ScheduleOptions
{
    [Setting("Which: constant, linear, polynomial, cosine (Loshchilov and Hutter 2017), cosine_with_restarts, wsd (Hu et al. 2024), inverse_sqrt (Vaswani et al. 2017) or jagged_cosine (Lialin et al. 2023).", IsShorthand = true)]
    public string Name { get; init; } = "cosine";

    [Setting("The learning rate after the warm-up.", IsCommon = true, Least = 0)]
    public double Rate { get; init; } = 1e-4;

    [Setting("The learning rate that is never fallen below after the warm-up; 0 for none.", Least = 0)]
    public double MinimumRate { get; init; }

    [Setting("Steps during which the rate rises from 0; warmup_ratio says it when absent.", Least = 0)]
    public int? WarmupSteps { get; init; }

    [Setting("The same as a share of all steps, rounded up; 0 for none.", Least = 0, Most = 1)]
    public double WarmupRatio { get; init; }

    [Setting("How often a cosine with restarts falls.", Least = 1)]
    public int Cycles { get; init; } = 1;

    [Setting("The share of all steps, at the end, in which a stable rate falls (wsd).", Least = 0, Most = 1)]
    public double DecayRatio { get; init; } = 0.1;

    [Setting("How it falls then.")]
    public DecayShape Decay { get; init; } = DecayShape.Linear;

    [Setting("The exponent of a polynomial; 1 is linear.", Least = 0)]
    public double Power { get; init; } = 1;

    [Setting("Steps from one restart to the next (jagged_cosine): where adapters are merged.", Least = 1)]
    public int RestartPeriod { get; init; } = 1_000;

    [Setting("Steps in which the rate rises again after each (jagged_cosine).", Least = 0)]
    public int RestartWarmupSteps { get; init; } = 50;
}
