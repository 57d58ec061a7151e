namespace Caravan.Training;

/// <summary>
/// DPO whose mean over labels flipped with probability ε is that of clean labels (Chowdhury et al. 2024, "Provably Robust DPO", the rDPO loss):
/// (−(1 − ε) log σ(β·h) + ε log σ(−β·h)) / (1 − 2ε).
/// </summary>
internal sealed record RobustDpoLoss : PairLoss
{
    [Setting("The share ε of labels that are wrong; 0 for none.", Least = 0, Most = 0.5)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair)
    {
        double z = Beta * pair.RatioMargin, scale = 1 / (1 - (2 * LabelSmoothing));
        double loss = scale * (((1 - LabelSmoothing) * Logistic.Loss(z)) - (LabelSmoothing * Logistic.Loss(-z)));
        double slope = -scale * Beta * (((1 - LabelSmoothing) * Logistic.Sigmoid(-z)) + (LabelSmoothing * Logistic.Sigmoid(z)));
        return new PairTerm(loss, slope, -slope);
    }
}
