namespace Caravan.Training;

/// <summary>What the <see cref="KlEstimator"/>s compute.</summary>
internal static class KlEstimators
{
    /// <summary>The estimate.</summary>
    /// <param name="estimator">Which one.</param>
    /// <param name="policy">log π(token).</param>
    /// <param name="reference">log π_ref(token).</param>
    public static double Value(this KlEstimator estimator, double policy, double reference)
    {
        double d = policy - reference;
        return estimator switch
        {
            KlEstimator.K1 => d,
            KlEstimator.K2 => d * d / 2,
            _ => Math.Exp(-d) - 1 + d,
        };
    }

    /// <summary>Its slope by log π(token).</summary>
    /// <param name="estimator">Which one.</param>
    /// <param name="policy">log π(token).</param>
    /// <param name="reference">log π_ref(token).</param>
    public static double Slope(this KlEstimator estimator, double policy, double reference) => estimator switch
    {
        KlEstimator.K1 => 1,
        KlEstimator.K2 => policy - reference,
        _ => 1 - Math.Exp(reference - policy),
    };
}
