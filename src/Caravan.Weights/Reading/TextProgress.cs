namespace Caravan.Weights;

/// <summary>How much of a text a model has read.</summary>
/// <param name="Done">Windows read so far.</param>
/// <param name="Total">Windows of the text.</param>
internal readonly record struct TextProgress(int Done, int Total);
