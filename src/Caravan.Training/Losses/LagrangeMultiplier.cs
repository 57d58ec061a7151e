namespace Caravan.Training;

/// <summary>
/// The multiplier λ of Safe RLHF (Dai et al. 2024, eq. 5 to 7): the policy raises J_R − λ·J_C while λ ≥ 0 rises wherever costs are above their
/// limit, J_C = mean cost + d &gt; 0. λ moves in its logarithm, ln λ ← ln λ + rate·λ·J_C, and so stays positive.
/// </summary>
/// <param name="initial">The first λ, above 0.</param>
/// <param name="rate">Step size of ln λ.</param>
/// <param name="threshold">d: costs below −d are harmless enough; 0 calls costs above 0 harmful.</param>
/// <param name="limit">Largest λ; infinity for none.</param>
internal sealed class LagrangeMultiplier(double initial = 1, double rate = 0.1, double threshold = 0, double limit = double.PositiveInfinity)
{
    /// <summary>λ; set when a run is resumed.</summary>
    public double Value { get; set; } = initial;

    /// <summary>Moves λ after a batch.</summary>
    /// <param name="cost">The mean cost of the batch's responses.</param>
    public void Update(double cost) => Value = Math.Min(limit, Value * Math.Exp(rate * Value * (cost + threshold)));

    /// <summary>The advantage that the policy learns from: (A_R − λ·A_C) / (1 + λ), whose size does not grow with λ.</summary>
    /// <param name="reward">Advantage by the rewards.</param>
    /// <param name="cost">Advantage by the costs.</param>
    public double Combine(double reward, double cost) => (reward - (Value * cost)) / (1 + Value);
}
