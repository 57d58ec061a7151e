namespace Caravan.Training;

/// <summary>
/// PPO-max's reparameterization of scores (Zheng et al. 2023, "Secrets of RLHF", section 5.3): they are brought to mean 0 and deviation 1 of all
/// scores so far, and clipped.
/// </summary>
/// <param name="limit">Largest absolute score that is given back; infinity for none.</param>
internal sealed class ScoreNormalization(double limit = double.PositiveInfinity)
{
    /// <summary>The number of scores so far; set, with the two others, when a run is resumed.</summary>
    public long Count { get; set; }

    /// <summary>Their mean.</summary>
    public double Mean { get; set; }

    /// <summary>The sum of their squared distances from the mean.</summary>
    public double SquaredDistances { get; set; }

    /// <summary>Takes the scores of a batch into account (Welford 1962), then normalizes and clips them in place.</summary>
    /// <param name="scores">One for each response.</param>
    public void Apply(Span<double> scores)
    {
        foreach (double score in scores)
        {
            double distance = score - Mean;
            Mean += distance / ++Count;
            SquaredDistances += distance * (score - Mean);
        }

        double deviation = Count < 2 ? 1 : Math.Sqrt((SquaredDistances / (Count - 1)) + 1e-8);
        foreach (ref double score in scores) score = Math.Clamp((score - Mean) / deviation, -limit, limit);
    }
}
