namespace Caravan.Tensors.Tests;

/// <summary>Random numbers for inputs.</summary>
internal static class Numbers
{
    /// <summary>Numbers of the standard normal distribution (Box and Muller 1958).</summary>
    public static float[] Normal(Random random, long count, double scale = 1)
    {
        float[] values = new float[count];
        for (long i = 0; i < count; i++)
            values[i] = (float)(scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }
}
