namespace Caravan.Training;

/// <summary>
/// Contrastive preference optimization (Xu et al. 2024, section 3): −log σ(β·(log π(chosen) − log π(rejected))) plus the chosen response's mean
/// negative log-likelihood, without a reference model.
/// </summary>
internal sealed record CpoLoss : PairLoss
{
    /// <inheritdoc/>
    public override bool UsesReference => false;

    [Setting("Weight of the likelihood of the chosen response; 1 in the paper.", Least = 0)]
    public double LikelihoodWeight { get; init; } = 1;

    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair)
    {
        PairTerm contrast = PairTerm.LogisticOf(Beta * (pair.PolicyChosen - pair.PolicyRejected), Beta, -Beta);
        return contrast with
        {
            Loss = contrast.Loss - (LikelihoodWeight * pair.ChosenMean),
            ChosenSlope = contrast.ChosenSlope - (LikelihoodWeight / pair.ChosenLength),
        };
    }

    /// <inheritdoc/>
    protected override (double Chosen, double Rejected) Rewards(ResponsePair pair) => (Beta * pair.PolicyChosen, Beta * pair.PolicyRejected);
}
