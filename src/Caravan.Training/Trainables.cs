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
    /// <param name="task">The task that it is for, after which its parameters are named; empty where there is only one.</param>
    public static IReadOnlyList<Parameter> Of(Adapter adapter, double outputRate = 1, string task = "")
    {
        HashSet<Tensor> outputs = [.. adapter.Linears.Values.SelectMany(layer => layer.Tensors).Where(tensor => tensor.Role == AdapterRole.Up).Select(tensor => tensor.Tensor)];
        return
        [
            .. adapter.Parameters.Select(tensor => new Parameter(tensor)
            {
                Name = NameOf(tensor, task),
                Task = task,
                Decays = Decays(tensor),
                RateFactor = outputs.Contains(tensor) ? (float)outputRate : 1,
            }),
        ];
    }

    /// <summary>What a method learns beside the model.</summary>
    /// <param name="method">The method.</param>
    /// <param name="task">The task that it is for; empty where there is only one.</param>
    public static IReadOnlyList<Parameter> Of(Method method, string task = "") =>
        [.. method.OwnTensors.Select(tensor => new Parameter(tensor) { Name = NameOf(tensor, task), Task = task, Decays = Decays(tensor) })];

    private static Parameter Parameter(Tensor tensor) => new(tensor) { Decays = Decays(tensor) };

    private static string NameOf(Tensor tensor, string task) => task.Length == 0 ? tensor.Name! : $"{task}.{tensor.Name}";

    private static bool Decays(Tensor tensor) => tensor.Shape.Rank > 1;
}
