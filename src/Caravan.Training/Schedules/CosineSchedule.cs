namespace Caravan.Training;

/// <summary>Half a cosine wave (Loshchilov and Hutter 2017, "SGDR", eq. 5), again and again from the full rate where there are several cycles.</summary>
internal sealed class CosineSchedule(ScheduleOptions options, int steps) : Schedule(options, steps)
{
    private readonly int cycles = options.Cycles;

    /// <inheritdoc/>
    protected override double Factor(int step) => Progress(step) is < 1 and double progress ? Cosine(progress * cycles % 1) : 0;
}
