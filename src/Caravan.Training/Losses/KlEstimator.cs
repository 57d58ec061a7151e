namespace Caravan.Training;

/// <summary>
/// How KL(π ‖ π_ref) is estimated from one token that π drew (Schulman 2020, "Approximating KL divergence"), with d = log π − log π_ref of that token.
/// </summary>
internal enum KlEstimator
{
    /// <summary>d: without bias, may be negative.</summary>
    K1,

    /// <summary>d²/2: never negative, little variance, some bias.</summary>
    K2,

    /// <summary>e^−d − 1 + d: never negative and without bias.</summary>
    K3,
}
