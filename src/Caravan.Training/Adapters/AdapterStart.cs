using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>The numbers that adapters begin with; functions of a seed, the layer and the place.</summary>
internal static class AdapterStart
{
    /// <summary>LoRA's beginning: A random, B 0, gates 1, so that the layer computes what it did.</summary>
    public static void Begin(LoraAdapter adapter, ulong seed)
    {
        Uniform(adapter.Down, seed);
        adapter.Up.Bytes.Clear();
        adapter.Gate?.Floats.AsSpan().Fill(1);
    }

    /// <summary>Uniform in ±1/√columns: what Kaiming initialisation with a = √5 gives, as PyTorch's linear layers and PEFT begin.</summary>
    public static void Uniform(Tensor matrix, ulong seed) => InitialValues.Uniform(matrix, 1 / Math.Sqrt(matrix.Shape.Columns), seed);
}
