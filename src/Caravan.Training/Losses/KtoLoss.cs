namespace Caravan.Training;

/// <summary>
/// Kahneman-Tversky optimization (Ethayarajh et al. 2024, section 4): responses are known to be desirable or not, without pairs. With
/// r = log π/π_ref of a response and the reference point z₀, the loss is λ_D·(1 − σ(β·(r − z₀))) of desirable responses, λ_U·(1 − σ(β·(z₀ − r))) of
/// others, and their mean.
/// </summary>
internal sealed record KtoLoss
{
    [Setting("How soon (β) a gain or a loss saturates.", Least = 0)]
    public double Beta { get; init; } = 0.1;

    [Setting("Weight λ_D of desirable answers.", Least = 0)]
    public double DesirableWeight { get; init; } = 1;

    [Setting("Weight λ_U of undesirable answers.", Least = 0)]
    public double UndesirableWeight { get; init; } = 1;

    /// <summary>
    /// z₀, an estimate of KL(π ‖ π_ref) that no gradient flows through: the mean of log π/π_ref over responses that belong to other prompts, or 0
    /// where that is negative.
    /// </summary>
    /// <param name="policy">log π(y′ | x) of mismatched responses.</param>
    /// <param name="reference">log π_ref(y′ | x) of the same.</param>
    public static double ReferencePoint(IReadOnlyList<double> policy, IReadOnlyList<double> reference) =>
        Math.Max(0, policy.Zip(reference, (p, r) => p - r).Average());

    /// <summary>The loss of a batch.</summary>
    /// <param name="responses">At least one.</param>
    /// <param name="referencePoint">z₀.</param>
    public KtoLossResult Evaluate(IReadOnlyList<LabelledResponse> responses, double referencePoint)
    {
        double[] losses = new double[responses.Count], gradient = new double[responses.Count];
        for (int i = 0; i < responses.Count; i++)
        {
            double weight = responses[i].Desirable ? DesirableWeight : UndesirableWeight;
            (losses[i], double slope) = Term(Beta, responses[i].Ratio, referencePoint, responses[i].Desirable);
            (losses[i], gradient[i]) = (weight * losses[i], weight * slope / responses.Count);
        }

        return new KtoLossResult(losses, gradient, [.. responses.Select(response => Beta * response.Ratio)]);
    }

    /// <summary>The loss of one response of weight 1, with its slope by the ratio.</summary>
    internal static (double Loss, double Slope) Term(double beta, double ratio, double referencePoint, bool desirable)
    {
        double sign = desirable ? 1 : -1, z = sign * beta * (ratio - referencePoint);
        return (Logistic.Sigmoid(-z), -sign * beta * Logistic.Sigmoid(z) * Logistic.Sigmoid(-z));
    }
}
