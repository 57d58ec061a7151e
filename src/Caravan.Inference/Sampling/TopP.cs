namespace Caravan.Inference;

/// <summary>
/// Nucleus sampling (Holtzman et al. 2020): the smallest set of most probable tokens holding the probability <paramref name="mass"/> or more;
/// a token is kept when the tokens before it hold less than that, so one always is. Mass 1 keeps all.
/// </summary>
internal readonly struct TopP(float mass)
{
    /// <summary>Removes the tokens outside the nucleus.</summary>
    public void Apply(CandidateSet candidates)
    {
        if (mass >= 1) return;
        double total = LogitMath.Sum(candidates.Weights);
        // Tokens below an even share of the tail's mass fit into the tail all together; half of it leaves room for rounding.
        float negligible = (float)((1.0 - mass) * total / (2.0 * candidates.Weights.Length));
        candidates.KeepMass(default(ByLogit), mass, total, negligible);
    }

    private readonly struct ByLogit : IRanking
    {
        public double Key(float logit) => logit;
    }
}
