namespace Caravan.Training;

/// <summary>
/// KTO over pairs: each pair is a desirable and an undesirable response, and each kind's reference point is estimated from the batch's responses of
/// the other kind (a convention of TRL, not of the paper). The loss of a pair is the mean of its two.
/// </summary>
internal sealed record KtoPairLoss : PairLoss
{
    /// <summary>Estimate of KL(π ‖ π_ref) over the chosen responses of the batch, the reference point of the rejected ones.</summary>
    public double ChosenDivergence { get; private init; }

    /// <summary>The same over the rejected responses, the reference point of the chosen ones.</summary>
    public double RejectedDivergence { get; private init; }

    /// <inheritdoc/>
    protected override PairLoss Over(IReadOnlyList<ResponsePair> pairs) => this with
    {
        ChosenDivergence = Math.Max(0, pairs.Average(pair => pair.ChosenRatio)),
        RejectedDivergence = Math.Max(0, pairs.Average(pair => pair.RejectedRatio)),
    };

    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair)
    {
        (double chosen, double chosenSlope) = KtoLoss.Term(Beta, pair.ChosenRatio, RejectedDivergence, desirable: true);
        (double rejected, double rejectedSlope) = KtoLoss.Term(Beta, pair.RejectedRatio, ChosenDivergence, desirable: false);
        return new PairTerm((chosen + rejected) / 2, chosenSlope / 2, rejectedSlope / 2);
    }
}
