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
    public static void Uniform(Tensor matrix, ulong seed)
    {
        double bound = 1 / Math.Sqrt(matrix.Shape.Columns);
        for (long i = 0; i < matrix.Shape.Elements; i++) matrix.Floats[i] = (float)(bound * ((2 * Noise.Uniform(seed, (ulong)i)) - 1));
    }

    /// <summary>Normal around 0 (Box and Muller 1958).</summary>
    public static void Normal(Tensor tensor, double deviation, ulong seed)
    {
        for (long i = 0; i < tensor.Shape.Elements; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - Noise.Uniform(seed, 2 * (ulong)i))), angle = 2 * Math.PI * Noise.Uniform(seed, (2 * (ulong)i) + 1);
            tensor.Floats[i] = (float)(deviation * radius * Math.Cos(angle));
        }
    }
}
