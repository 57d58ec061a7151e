namespace Caravan.Inference;

/// <summary>A token of a text, and how probable it was there.</summary>
/// <param name="Id">The token.</param>
/// <param name="LogProbability">ln p of it after the tokens before it.</param>
/// <param name="Alternatives">The most probable tokens at this place.</param>
internal sealed record ScoredToken(int Id, float LogProbability, IReadOnlyList<TokenLogProbability> Alternatives);
