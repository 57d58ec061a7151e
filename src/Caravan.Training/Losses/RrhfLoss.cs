namespace Caravan.Training;

/// <summary>
/// Rank responses to align with human feedback (Yuan et al. 2023, eq. 2 to 4). With p_i the mean log-probability of response i's tokens and r_i its
/// score: Σ over r_i &lt; r_j of max(0, p_i − p_j), plus the negative log-likelihood of the best response.
/// </summary>
internal sealed record RrhfLoss
{
    [Setting("Weight of the best response's likelihood; 1 in the paper.", Least = 0)]
    public double LikelihoodWeight { get; init; } = 1;

    /// <summary>The loss of the responses to one prompt.</summary>
    /// <param name="logProbabilities">log π of each response, summed over its tokens.</param>
    /// <param name="lengths">Tokens of each response.</param>
    /// <param name="scores">How good each response is; the first of equally good ones is the best.</param>
    /// <returns>The gradient is by the summed log-probabilities.</returns>
    public LossAndGradient Evaluate(IReadOnlyList<double> logProbabilities, IReadOnlyList<int> lengths, IReadOnlyList<double> scores)
    {
        int count = logProbabilities.Count;
        double[] gradient = new double[count];
        double loss = 0;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                double lead = (logProbabilities[i] / lengths[i]) - (logProbabilities[j] / lengths[j]);
                if (scores[i] >= scores[j] || lead <= 0) continue;
                loss += lead;
                gradient[i] += 1.0 / lengths[i];
                gradient[j] -= 1.0 / lengths[j];
            }
        }

        int best = Enumerable.Range(0, count).MaxBy(i => scores[i]);
        gradient[best] -= LikelihoodWeight;
        return new LossAndGradient(loss - (LikelihoodWeight * logProbabilities[best]), gradient);
    }
}
