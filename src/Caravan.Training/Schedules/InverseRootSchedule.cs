namespace Caravan.Training;

/// <summary>
/// The inverse square root of the step (Vaswani et al. 2017, eq. 3), scaled to be 1 after the warm-up: √(w / step), with w the warm-up steps, or
/// √(w / (step + w)) with w = 10,000 where there are none.
/// </summary>
internal sealed class InverseRootSchedule(ScheduleOptions options, int steps) : Schedule(options, steps)
{
    private const double StepsWithoutWarmup = 10_000;

    /// <inheritdoc/>
    protected override double Factor(int step) => Math.Sqrt(Warmup > 0 ? Warmup / (double)step : StepsWithoutWarmup / (step + StepsWithoutWarmup));
}
