namespace Caravan.Weights;

/// <summary>How much of a text a model has read.</summary>
/// <param name="TokensDone">Tokens read so far.</param>
/// <param name="TokensTotal">Tokens of the text.</param>
internal readonly record struct TextProgress(int TokensDone, int TokensTotal);
