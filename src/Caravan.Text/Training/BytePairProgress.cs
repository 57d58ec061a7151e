namespace Caravan.Text;

/// <summary>How far the learning of a vocabulary is: texts are counted first, then tokens are made.</summary>
internal readonly record struct BytePairProgress(long Texts, int Tokens, int Wanted);
