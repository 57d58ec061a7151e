namespace Caravan.Weights;

/// <summary>A piece of a text that a model reads for itself.</summary>
/// <param name="Tokens">Its tokens, at least two.</param>
/// <param name="Scored">The first place, 1 or more, whose token is predicted here and in no window before.</param>
internal readonly record struct TextWindow(int[] Tokens, int Scored);
