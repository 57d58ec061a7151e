namespace Caravan.Inference;

/// <summary>A piece of generated text.</summary>
/// <param name="Text">What can be shown now; may be empty while a character or a stop string is undecided.</param>
/// <param name="Token">The token that was chosen; null for the rest that comes out at the end.</param>
/// <param name="Alternatives">The most probable tokens at this place, as many as were asked for.</param>
public readonly record struct TextDelta(string Text, GeneratedToken? Token, IReadOnlyList<TokenLogProbability> Alternatives);
