using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>What of a model is learnt.</summary>
internal static class Trainables
{
    /// <summary>Every weight of a model that was loaded to be trained; vectors are not decayed.</summary>
    public static IReadOnlyList<Parameter> Of(Model model) => [.. model.Weights.Select(Parameter)];

    /// <summary>What an adapter learns; the model stays as it is.</summary>
    public static IReadOnlyList<Parameter> Of(Adapter adapter) => [.. adapter.Parameters.Select(Parameter)];

    /// <summary>What a method learns beside the model.</summary>
    public static IReadOnlyList<Parameter> Of(Method method) => [.. method.OwnTensors.Select(Parameter)];

    private static Parameter Parameter(Tensor tensor) => new(tensor) { Decays = tensor.Shape.Rank > 1 };
}
