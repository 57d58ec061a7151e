namespace Caravan.Training;

/// <summary>Files that are drawn from together.</summary>
/// <param name="Paths">Files, or folders of files.</param>
/// <param name="Weight">How often they are drawn from, relative to the other weights; 1 when there is but one mix.</param>
/// <param name="Format">Their format; null to find each file's from its first record.</param>
internal sealed record DataMix(IReadOnlyList<string> Paths, double Weight = 1, SampleFormat? Format = null);
