using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Random numbers that learning begins with: functions of a seed and the place.</summary>
internal static class InitialValues
{
    /// <summary>Uniform in ±bound.</summary>
    public static Tensor Uniform(Tensor tensor, double bound, ulong seed)
    {
        for (long i = 0; i < tensor.Shape.Elements; i++) tensor.Floats[i] = (float)(bound * ((2 * Noise.Uniform(seed, (ulong)i)) - 1));
        return tensor;
    }

    /// <summary>Normal around 0 (Box and Muller 1958).</summary>
    public static Tensor Normal(Tensor tensor, double deviation, ulong seed)
    {
        for (long i = 0; i < tensor.Shape.Elements; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - Noise.Uniform(seed, 2 * (ulong)i))), angle = 2 * Math.PI * Noise.Uniform(seed, (2 * (ulong)i) + 1);
            tensor.Floats[i] = (float)(deviation * radius * Math.Cos(angle));
        }

        return tensor;
    }
}
