namespace Caravan.Training;

/// <summary>The learning rate of each step.</summary>
internal abstract class Schedule
{
    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    public abstract double Rate(int step);
}
