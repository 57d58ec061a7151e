namespace Caravan.Training;

/// <summary>
/// Identity preference optimization (Azar et al. 2023, eq. 17): (h − 1/(2β))², where β is the paper's τ and h is
/// <see cref="ResponsePair.RatioMargin"/>, by custom of mean log-probabilities of tokens instead of the paper's sums.
/// </summary>
internal sealed record IpoLoss : PairLoss
{
    [Setting("Whether a response's log-probability is the mean over its tokens; false for the paper's sum.")]
    public bool Averages { get; init; } = true;

    /// <inheritdoc/>
    protected override PairTerm Of(ResponsePair pair)
    {
        (double chosen, double rejected) = Averages ? (1.0 / pair.ChosenLength, 1.0 / pair.RejectedLength) : (1, 1);
        double distance = (chosen * pair.ChosenRatio) - (rejected * pair.RejectedRatio) - (1 / (2 * Beta));
        return new PairTerm(distance * distance, 2 * distance * chosen, -2 * distance * rejected);
    }
}
