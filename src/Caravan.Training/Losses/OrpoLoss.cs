namespace Caravan.Training;

/// <summary>
/// Odds ratio preference optimization (Hong et al. 2024, eq. 6 and 7): the chosen response's mean negative log-likelihood plus
/// β·−log σ(log odds(chosen) − log odds(rejected)), where odds(p) = p / (1 − p), p is the geometric mean of a response's token probabilities and β
/// the paper's λ; without a reference model.
/// </summary>
internal sealed record OrpoLoss : PairLoss
{
    /// <summary>Mean log-probabilities are taken to be at least so far below 0: the odds of certainty are infinite.</summary>
    private const double Certainty = 1e-9;

    /// <inheritdoc/>
    public override bool UsesReference => false;

    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair)
    {
        (double chosen, double chosenSlope) = LogOdds(pair.ChosenMean);
        (double rejected, double rejectedSlope) = LogOdds(pair.RejectedMean);
        PairTerm odds = PairTerm.LogisticOf(chosen - rejected, chosenSlope / pair.ChosenLength, -rejectedSlope / pair.RejectedLength);
        return new PairTerm(
            (Beta * odds.Loss) - pair.ChosenMean, (Beta * odds.ChosenSlope) - (1.0 / pair.ChosenLength), Beta * odds.RejectedSlope);
    }

    /// <inheritdoc/>
    protected override (double Chosen, double Rejected) Rewards(ResponsePair pair) => (Beta * pair.ChosenMean, Beta * pair.RejectedMean);

    private static (double Value, double Slope) LogOdds(double logProbability)
    {
        double x = Math.Min(logProbability, -Certainty), rest = 1 - Math.Exp(x);
        return (x - Math.Log(rest), 1 / rest);
    }
}
