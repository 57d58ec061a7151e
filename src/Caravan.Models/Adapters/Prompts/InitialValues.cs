using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Random numbers that learning begins with; the same seed gives the same.</summary>
internal static class InitialValues
{
    /// <summary>Numbers between −bound and bound.</summary>
    public static Tensor Uniform(Shape shape, double bound, Random random)
    {
        Tensor tensor = Tensor.Allocate(shape);
        foreach (ref float value in tensor.Floats.AsSpan()) value = (float)(bound * ((2 * random.NextDouble()) - 1));
        return tensor;
    }

    /// <summary>Numbers of the normal distribution of mean 0 and deviation 1 (Box and Muller 1958).</summary>
    public static Tensor Normal(Shape shape, Random random)
    {
        Tensor tensor = Tensor.Allocate(shape);
        foreach (ref float value in tensor.Floats.AsSpan())
            value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return tensor;
    }
}
