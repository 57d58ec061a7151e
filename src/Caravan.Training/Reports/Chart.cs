namespace Caravan.Training;

/// <summary>Curves over the same steps.</summary>
/// <param name="Title">What is measured.</param>
/// <param name="Lines">Its curves; the first are drawn below.</param>
/// <param name="MayBeLogarithmic">Whether values that differ by large factors get an axis of equal factors.</param>
internal sealed record Chart(string Title, IReadOnlyList<ChartLine> Lines, bool MayBeLogarithmic = true);
