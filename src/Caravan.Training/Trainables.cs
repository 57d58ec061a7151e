using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>What of a model is learnt.</summary>
internal static class Trainables
{
    /// <summary>Every weight of a model that was loaded to be trained; vectors are not decayed.</summary>
    public static IReadOnlyList<Parameter> Of(Model model) => [.. model.Weights.Select(Parameter)];

    /// <summary>What an adapter learns; the model stays as it is.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="outputRate">How many times as fast B learns as everything else (Hayou et al. 2024, "LoRA+"); 1 for as fast.</param>
    public static IReadOnlyList<Parameter> Of(Adapter adapter, double outputRate = 1) => Of(adapter, outputRate, "");

    /// <summary>What a method learns beside the model.</summary>
    public static IReadOnlyList<Parameter> Of(Method method) => [.. method.OwnTensors.Select(Parameter)];

    /// <summary>
    /// What several adapters learn at once over one model (Ye et al. 2023, "mLoRA"), each from its own sequences of a batch. Parameters are named after
    /// their adapters.
    /// </summary>
    public static IReadOnlyList<Parameter> Of(IEnumerable<Adapter> adapters, double outputRate = 1) => [.. adapters.SelectMany(adapter => Of(adapter, outputRate, $"{adapter.Name}."))];

    private static IReadOnlyList<Parameter> Of(Adapter adapter, double outputRate, string prefix)
    {
        HashSet<Tensor> outputs = [.. adapter.Linears.Values.SelectMany(layer => layer.Tensors).Where(tensor => tensor.Role == AdapterRole.Up).Select(tensor => tensor.Tensor)];
        return
        [
            .. adapter.Parameters.Select(tensor => new Parameter(tensor)
            {
                Name = prefix + tensor.Name,
                Decays = Decays(tensor),
                RateFactor = outputs.Contains(tensor) ? (float)outputRate : 1,
            }),
        ];
    }

    private static Parameter Parameter(Tensor tensor) => new(tensor) { Decays = Decays(tensor) };

    private static bool Decays(Tensor tensor) => tensor.Shape.Rank > 1;
}
