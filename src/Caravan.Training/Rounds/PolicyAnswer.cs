namespace Caravan.Training;

/// <summary>An answer with what its tokens turned out to be worth.</summary>
/// <param name="Origin">Where its prompt stands.</param>
/// <param name="Sequence">Prompt and answer; the answer is labelled.</param>
/// <param name="Old">log π of each token of the answer when it was drawn.</param>
/// <param name="Advantages">A of each.</param>
/// <param name="Estimates">For each critic what it said and should have said.</param>
internal sealed record PolicyAnswer(string Origin, EncodedSequence Sequence, double[] Old, double[] Advantages, ValueEstimates[] Estimates) : AnswerItem(Origin, Sequence);

/// <summary>What a critic said of the tokens of an answer.</summary>
/// <param name="Values">V before each token when the answer was drawn.</param>
/// <param name="Returns">What it should have said.</param>
internal sealed record ValueEstimates(double[] Values, double[] Returns);
