namespace Caravan.Training;

/// <summary>The full rate throughout.</summary>
internal sealed class ConstantSchedule(ScheduleOptions options, int steps) : Schedule(options, steps)
{
    /// <inheritdoc/>
    protected override double Factor(int step) => 1;
}
