namespace Caravan.Inference;

/// <summary>
/// Locally typical sampling (Meister et al. 2023): tokens in the order of |-ln p - H|, H the entropy, until they hold the probability
/// <paramref name="mass"/> or more. The most probable token may be among those removed. Mass 1 keeps all.
/// </summary>
internal readonly struct TypicalP(float mass)
{
    /// <summary>Removes the untypical tokens; <paramref name="largest"/> and <paramref name="temperature"/> are those of the weights.</summary>
    public void Apply(CandidateSet candidates, float largest, float temperature)
    {
        if (mass >= 1) return;
        double total = 0, weighted = 0;
        for (int i = 0; i < candidates.Weights.Length; i++)
        {
            double weight = candidates.Weights[i];
            if (weight == 0) continue;
            total += weight;
            weighted += weight * Scaled(candidates.Logits[i], largest, temperature);
        }

        // With s the scaled logits, -ln p = ln(total) - s and H = ln(total) - mean(s), so the difference needs no logarithm.
        candidates.KeepMass(new ByTypicality(weighted / total, largest, temperature), mass * total, 0);
    }

    private static double Scaled(float logit, float largest, float temperature) => ((double)logit - largest) / temperature;

    private readonly struct ByTypicality(double mean, float largest, float temperature) : IRanking
    {
        public double Key(float logit) => -Math.Abs(mean - Scaled(logit, largest, temperature));
    }
}
