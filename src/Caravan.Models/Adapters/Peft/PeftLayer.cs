using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>A layer's tensors as they were read, and what the configuration says of it.</summary>
/// <param name="Config">The configuration.</param>
/// <param name="Module">The layer's name in the file.</param>
/// <param name="Tensors">By name.</param>
/// <param name="Inputs">K.</param>
internal sealed record PeftLayer(PeftConfig Config, string Module, IReadOnlyDictionary<string, Tensor> Tensors, long Inputs)
{
    /// <summary>A tensor that every layer has.</summary>
    public Tensor this[string name] => Tensors[name];

    /// <summary>A tensor; null where it is missing.</summary>
    public Tensor? Find(string name) => Tensors.GetValueOrDefault(name);

    /// <summary>α/r, or α/√r where the configuration says so.</summary>
    public float Scaling => Config.ScalingOf(Module);

    /// <summary>α over the rank that training began with, to which PEFT adds 1e-5.</summary>
    public float AdaLoraScaling => Config.AdaLoraScaling;

    /// <summary>The part of the inputs that is left out while training.</summary>
    public float DropoutRate => (float)Config.Number("lora_dropout", 0);

    /// <summary>Inputs that share a column of A.</summary>
    public int Group => checked((int)Math.Max(1, Inputs / Math.Max(1, Tensors.Values.First(tensor => tensor.Shape.Rank == 2).Shape.Columns)));
}
