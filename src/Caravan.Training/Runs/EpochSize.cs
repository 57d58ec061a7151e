namespace Caravan.Training;

/// <summary>What one pass over the data comes to.</summary>
/// <param name="Steps">Batches.</param>
/// <param name="Samples">Samples that are learnt from.</param>
/// <param name="Tokens">Their tokens.</param>
internal readonly record struct EpochSize(int Steps, long Samples, long Tokens);
