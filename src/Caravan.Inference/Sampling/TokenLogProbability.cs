namespace Caravan.Inference;

/// <summary>A token and the natural logarithm of its probability under the model's own distribution.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="LogProbability">Log-softmax of the model's logits, before biases, penalties, temperature and cut-offs.</param>
public readonly record struct TokenLogProbability(int Id, float LogProbability);
