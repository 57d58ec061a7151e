namespace Caravan.Training;

/// <summary>
/// Two responses to one prompt, of which one is preferred: log-probabilities in nats, each summed over the tokens of the response.
/// Losses without a reference model leave those of the reference unread.
/// </summary>
/// <param name="PolicyChosen">log π(chosen | prompt) of the model that learns.</param>
/// <param name="PolicyRejected">log π(rejected | prompt).</param>
/// <param name="ReferenceChosen">log π(chosen | prompt) of the reference model.</param>
/// <param name="ReferenceRejected">log π(rejected | prompt) of the reference model.</param>
/// <param name="ChosenLength">Tokens of the chosen response, at least 1.</param>
/// <param name="RejectedLength">Tokens of the rejected response, at least 1.</param>
internal readonly record struct ResponsePair(
    double PolicyChosen, double PolicyRejected, double ReferenceChosen, double ReferenceRejected, int ChosenLength, int RejectedLength)
{
    /// <summary>log π/π_ref of the chosen response.</summary>
    public double ChosenRatio => PolicyChosen - ReferenceChosen;

    /// <summary>log π/π_ref of the rejected response.</summary>
    public double RejectedRatio => PolicyRejected - ReferenceRejected;

    /// <summary>How much more the policy prefers the chosen response than the reference does.</summary>
    public double RatioMargin => ChosenRatio - RejectedRatio;

    /// <summary>The policy's mean log-probability of a token of the chosen response.</summary>
    public double ChosenMean => PolicyChosen / ChosenLength;

    /// <summary>The policy's mean log-probability of a token of the rejected response.</summary>
    public double RejectedMean => PolicyRejected / RejectedLength;
}
