namespace Caravan.Training;

/// <summary>
/// The learning rate of each step: it rises from 0 during the warm-up, r·step/warm-up, and then is minimum + (r − minimum)·factor, where the factor,
/// from 1 to 0, is the schedule's own.
/// </summary>
internal abstract class Schedule
{
    private readonly double rate, minimum;

    /// <summary>A schedule over a run.</summary>
    /// <param name="options">The rates.</param>
    /// <param name="steps">Steps of the run, at least 1; afterwards the rate stays as at the end.</param>
    protected Schedule(ScheduleOptions options, int steps)
    {
        (rate, minimum, Steps) = (options.Rate, options.MinimumRate, steps);
        Warmup = options.WarmupSteps ?? (int)Math.Ceiling(options.WarmupRatio * steps);
    }

    /// <summary>Steps of the warm-up.</summary>
    protected int Warmup { get; }

    /// <summary>Steps of the run.</summary>
    protected int Steps { get; }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    public double Rate(int step) => step < Warmup ? rate * step / Warmup : minimum + ((rate - minimum) * Factor(step));

    /// <summary>How far between the minimum, 0, and the full rate, 1, a step after the warm-up is.</summary>
    /// <param name="step">Number of the step in the run, at least <see cref="Warmup"/>.</param>
    protected abstract double Factor(int step);

    /// <summary>The share of the steps after the warm-up that are over, in [0, 1].</summary>
    protected double Progress(int step) => Math.Min(1, (step - Warmup) / (double)Math.Max(1, Steps - Warmup));

    /// <summary>Half a cosine wave, from 1 at 0 to 0 at 1.</summary>
    protected static double Cosine(double progress) => (1 + Math.Cos(Math.PI * progress)) / 2;
}
