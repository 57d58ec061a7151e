namespace Caravan.Models;

/// <summary>
/// Mixtures and decays that depend on the row (Peng et al. 2024, §4), each by way of a narrow layer: vector + out(tanh(in(x))).
/// </summary>
/// <param name="MixRank">Features between, for the share that each of the five mixtures takes of the row before.</param>
/// <param name="DecayRank">Features between, for the decays.</param>
internal sealed record DynamicDecaySpec(int MixRank, int DecayRank);
