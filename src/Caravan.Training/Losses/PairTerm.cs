namespace Caravan.Training;

/// <summary>The loss of one pair.</summary>
/// <param name="Loss">The loss.</param>
/// <param name="ChosenSlope">∂loss/∂ the policy's summed log-probability of the chosen response.</param>
/// <param name="RejectedSlope">The same of the rejected response.</param>
internal readonly record struct PairTerm(double Loss, double ChosenSlope, double RejectedSlope)
{
    /// <summary>−log σ(margin), where the margin moves with the two log-probabilities at these slopes.</summary>
    public static PairTerm LogisticOf(double margin, double chosenSlope, double rejectedSlope)
    {
        double slope = -Logistic.Sigmoid(-margin);
        return new PairTerm(Logistic.Loss(margin), slope * chosenSlope, slope * rejectedSlope);
    }
}
