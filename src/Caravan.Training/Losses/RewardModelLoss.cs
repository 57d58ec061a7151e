namespace Caravan.Training;

/// <summary>
/// The likelihood of preferences under Bradley and Terry's model (Ouyang et al. 2022, eq. 1; with margins Touvron et al. 2023, "Llama 2", eq. 2):
/// −log σ(score(chosen) − score(rejected) − margin).
/// </summary>
internal static class RewardModelLoss
{
    /// <summary>The loss of a batch; its rewards are the scores.</summary>
    /// <param name="chosen">The score of each chosen response, at least one.</param>
    /// <param name="rejected">The score of each rejected response.</param>
    /// <param name="margins">By how much each chosen response is better; null means 0.</param>
    public static PairLossResult Evaluate(IReadOnlyList<double> chosen, IReadOnlyList<double> rejected, IReadOnlyList<double>? margins = null)
    {
        PairTerm[] terms = [.. chosen.Select((score, i) => PairTerm.LogisticOf(score - rejected[i] - (margins?[i] ?? 0), 1, -1))];
        return new PairLossResult(
            [.. terms.Select(term => term.Loss)],
            [.. terms.Select(term => term.ChosenSlope / terms.Length)],
            [.. terms.Select(term => term.RejectedSlope / terms.Length)],
            [.. chosen],
            [.. rejected]);
    }
}
