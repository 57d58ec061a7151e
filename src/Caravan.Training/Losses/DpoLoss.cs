namespace Caravan.Training;

/// <summary>
/// Direct preference optimization (Rafailov et al. 2023, eq. 7): −log σ(β·h), where h is <see cref="ResponsePair.RatioMargin"/>.
/// Where a share ε of the labels may be wrong, it is −(1 − ε) log σ(β·h) − ε log σ(−β·h) (Mitchell 2023, "A note on DPO with noisy preferences").
/// </summary>
internal record DpoLoss : PairLoss
{
    [Setting("The share ε of labels that may be wrong; 0 for none.", Least = 0, Most = 0.5)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair)
    {
        double z = Beta * pair.RatioMargin;
        double loss = ((1 - LabelSmoothing) * Logistic.Loss(z)) + (LabelSmoothing * Logistic.Loss(-z));
        double slope = Beta * ((LabelSmoothing * Logistic.Sigmoid(z)) - ((1 - LabelSmoothing) * Logistic.Sigmoid(-z)));
        return new PairTerm(loss, slope, -slope);
    }
}
