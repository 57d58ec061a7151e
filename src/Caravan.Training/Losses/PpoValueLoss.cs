namespace Caravan.Training;

/// <summary>
/// The critic's squared error with values kept near the old ones (the value clipping of PPO's first implementation; Engstrom et al. 2020, section 3):
/// the mean over tokens of ½·max((V − R)², (clip(V, V_old − ε, V_old + ε) − R)²).
/// </summary>
/// <param name="ClipRange">ε; infinity for none.</param>
internal sealed record PpoValueLoss(double ClipRange = 0.2)
{
    /// <summary>The loss of a batch; its gradient is by the values.</summary>
    /// <param name="values">V of each token.</param>
    /// <param name="old">V of the critic when the tokens were drawn.</param>
    /// <param name="returns">R, what V should be.</param>
    public LossAndGradient Evaluate(ReadOnlySpan<double> values, ReadOnlySpan<double> old, ReadOnlySpan<double> returns)
    {
        double[] gradient = new double[values.Length];
        double loss = 0;
        for (int t = 0; t < values.Length; t++)
        {
            double free = values[t] - returns[t];
            double clipped = Math.Clamp(values[t], old[t] - ClipRange, old[t] + ClipRange) - returns[t];
            bool isFree = free * free >= clipped * clipped;
            loss += (isFree ? free * free : clipped * clipped) / 2;
            gradient[t] = isFree ? free / values.Length : 0;
        }

        return new LossAndGradient(loss / Math.Max(1, values.Length), gradient);
    }
}
