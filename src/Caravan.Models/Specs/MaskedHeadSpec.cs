using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>The head of a masked language model (Devlin et al. 2019, §3.1): E · norm(f(W x + b)) + c.</summary>
/// <param name="Activation">f.</param>
/// <param name="Norm">The norm.</param>
/// <param name="Tied">Whether E is the token embedding.</param>
internal sealed record MaskedHeadSpec(ActivationFunction Activation, NormSpec Norm, bool Tied);
