using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Keys and values of virtual tokens are learnt for every attention layer.</summary>
internal static class PrefixTuning
{
    /// <summary>They are learnt as they are (Liu et al. 2022, "P-Tuning v2", §3.1).</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">Virtual tokens.</param>
    /// <param name="seed">Of the first values.</param>
    public static VirtualTokens Direct(Model model, int count, ulong seed) =>
        new(new LearntRows(InitialValues.Normal(Tensor.Allocate(new Shape(count, model.Adapters.KeysAndValuesWidth)), 1, seed)), PromptPlace.KeysAndValues);

    /// <summary>
    /// A network of two linear layers with tanh between them gives them (Li and Liang 2021, "Prefix-Tuning", §4.3). Of what was learnt only the keys
    /// and values are kept in the end.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="count">Virtual tokens.</param>
    /// <param name="hidden">Features between the layers.</param>
    /// <param name="seed">Of the first values.</param>
    public static VirtualTokens Projected(Model model, int count, int hidden, ulong seed) => new(
        new PerceptronRows(count, [model.Adapters.KeyWidth, hidden, model.Adapters.KeysAndValuesWidth], ActivationFunction.Tanh, "transform", seed),
        PromptPlace.KeysAndValues);
}
