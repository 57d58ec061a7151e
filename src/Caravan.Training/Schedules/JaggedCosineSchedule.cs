namespace Caravan.Training;

/// <summary>
/// ReLoRA's jagged cosine (Lialin et al. 2023, section 3): a cosine over the run; at each multiple of the period, where adapters are merged and the
/// optimizer starts anew, the rate falls to the minimum and rises linearly back to the cosine.
/// </summary>
internal sealed class JaggedCosineSchedule(ScheduleOptions options, int steps) : Schedule(options, steps)
{
    private readonly int period = options.RestartPeriod, rise = options.RestartWarmupSteps;

    /// <inheritdoc/>
    protected override double Factor(int step)
    {
        int since = step % period;
        double back = step < period || since >= rise ? 1 : since / (double)rise;
        return back * Cosine(Progress(step));
    }
}
