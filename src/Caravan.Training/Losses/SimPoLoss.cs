namespace Caravan.Training;

/// <summary>
/// Simple preference optimization (Meng et al. 2024, eq. 6): −log σ(β·(mean log π(chosen) − mean log π(rejected)) − γ), where means are over
/// tokens; without a reference model.
/// </summary>
internal sealed record SimPoLoss : PairLoss
{
    /// <inheritdoc/>
    public override double Beta { get; init; } = 2;

    [Setting("The reward γ by which the chosen response should lead.", Least = 0)]
    public double TargetMargin { get; init; } = 0.5;

    /// <inheritdoc/>
    public override bool UsesReference => false;

    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair) => PairTerm.LogisticOf(
        (Beta * (pair.ChosenMean - pair.RejectedMean)) - TargetMargin, Beta / pair.ChosenLength, -Beta / pair.RejectedLength);

    /// <inheritdoc/>
    protected override (double Chosen, double Rejected) Rewards(ResponsePair pair) => (Beta * pair.ChosenMean, Beta * pair.RejectedMean);
}
