namespace Caravan.Models;

/// <summary>An RMS normalisation (Zhang and Sennrich 2019).</summary>
/// <param name="Epsilon">Added to the mean square.</param>
internal sealed record NormSpec(float Epsilon);
