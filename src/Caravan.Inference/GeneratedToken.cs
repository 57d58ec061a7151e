namespace Caravan.Inference;

/// <summary>One token that was generated.</summary>
/// <param name="Id">Its number in the vocabulary.</param>
/// <param name="LogProbability">ln p of it under the model's own distribution, before temperature and penalties.</param>
/// <param name="Index">How many were generated before it.</param>
public readonly record struct GeneratedToken(int Id, float LogProbability, int Index);
