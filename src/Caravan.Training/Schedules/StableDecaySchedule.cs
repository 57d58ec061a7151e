namespace Caravan.Training;

/// <summary>
/// Warm-up, stable, decay (Hu et al. 2024, "MiniCPM", section 4.2): the full rate until the decay at the end, so that one run can be continued
/// from before its decay.
/// </summary>
internal sealed class StableDecaySchedule(ScheduleOptions options, int steps) : Schedule(options, steps)
{
    private readonly DecayShape shape = options.Decay;
    private readonly int decaySteps = (int)Math.Ceiling(options.DecayRatio * steps);

    /// <inheritdoc/>
    protected override double Factor(int step)
    {
        double over = Math.Clamp((step - (Steps - decaySteps)) / (double)Math.Max(1, decaySteps), 0, 1);
        return shape switch
        {
            DecayShape.Linear => 1 - over,
            DecayShape.Cosine => Cosine(over),
            _ => 1 - Math.Sqrt(over),
        };
    }
}
