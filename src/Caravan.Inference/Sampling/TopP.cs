namespace Caravan.Inference;

/// <summary>
/// Nucleus sampling (Holtzman et al. 2020): the smallest set of most probable tokens holding the probability <paramref name="mass"/> or more;
/// a token is kept when the tokens before it hold less than that, so one always is. Mass 1 keeps all.
/// </summary>
internal readonly struct TopP(float mass)
{
    private const float Smallest = 1e-30f;

    /// <summary>Removes the tokens outside the nucleus.</summary>
    public void Apply(CandidateSet candidates)
    {
        if (mass >= 1) return;
        double enough = mass * LogitMath.Sum(candidates.Weights);
        // The largest weight is 1. A few vectorised sums find a weight above which there is enough, so that only the tokens above it are ranked.
        float negligible = 0.5f;
        while (negligible > Smallest && LogitMath.SumAbove(candidates.Weights, negligible) < enough) negligible /= 8;
        candidates.KeepMass(default(ByLogit), enough, negligible > Smallest ? negligible : 0);
    }

    private readonly struct ByLogit : IRanking
    {
        public double Key(float logit) => logit;
    }
}
