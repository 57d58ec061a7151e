namespace Caravan.Training;

/// <summary>(1 − progress)^power.</summary>
internal sealed class PolynomialSchedule(ScheduleOptions options, int steps) : Schedule(options, steps)
{
    private readonly double power = options.Power;

    /// <inheritdoc/>
    protected override double Factor(int step) => Math.Pow(1 - Progress(step), power);
}
