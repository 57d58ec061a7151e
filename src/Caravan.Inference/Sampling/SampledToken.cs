namespace Caravan.Inference;

/// <summary>
/// A chosen token, or the reason why there is none. A fault is a value, not an exception: one broken sequence must not end the batch it is in.
/// </summary>
/// <param name="Id">The token; -1 on a fault.</param>
/// <param name="LogProbability">
/// Natural logarithm of the model's own probability of the token: the log-softmax of the row as the model gave it, before biases, penalties,
/// temperature and cut-offs; NaN on a fault.
/// </param>
/// <param name="Fault">Why there is no token.</param>
internal readonly record struct SampledToken(int Id, float LogProbability, SamplingFault Fault)
{
    /// <summary>No token, for this reason.</summary>
    public static SampledToken Failed(SamplingFault fault) => new(-1, float.NaN, fault);
}
