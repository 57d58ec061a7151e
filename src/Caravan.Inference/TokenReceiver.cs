namespace Caravan.Inference;

/// <summary>Takes each token the moment it is chosen: streaming is the primitive, everything else collects it.</summary>
/// <param name="token">The token.</param>
/// <param name="alternatives">The most probable tokens at this place, as many as were asked for; valid during the call only.</param>
/// <returns>False ends the generation, as a stop string does.</returns>
public delegate bool TokenReceiver(in GeneratedToken token, ReadOnlySpan<TokenLogProbability> alternatives);
