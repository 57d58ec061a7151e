namespace Caravan.Inference;

/// <summary>Takes text the moment it is certain: whole characters, and nothing that could still become a stop string.</summary>
/// <param name="text">What can be shown now; may be empty while a character or a stop string is undecided. Valid during the call only.</param>
/// <param name="token">The token that was chosen; null for the rest that comes out at the end.</param>
/// <param name="alternatives">The most probable tokens at this place, as many as were asked for.</param>
public delegate void TextReceiver(ReadOnlySpan<char> text, GeneratedToken? token, ReadOnlySpan<TokenLogProbability> alternatives);
