namespace Caravan.Training;

/// <summary>What a policy answered to a prompt.</summary>
/// <param name="Prompt">The prompt's sample.</param>
/// <param name="Sequence">Prompt and answer as tokens; the answer is labelled, with the token that ended it.</param>
/// <param name="Text">The answer as text.</param>
/// <param name="Ended">Whether it came to an end by itself.</param>
internal sealed record Answer(EncodedSample Prompt, EncodedSequence Sequence, string Text, bool Ended);
