namespace Caravan.Formats;

/// <summary>
/// The signed 8-bit numbers whose leading bits choose a power of ten and whose other bits divide it (Dettmers 2016, "8-Bit Approximations for
/// Parallelism in Deep Learning"; Dettmers et al. 2022, "8-bit Optimizers via Block-wise Quantization", section 1.3).
/// </summary>
internal static class DynamicMap
{
    private const int Powers = 7;

    /// <summary>The 256 values, ascending: below 0, 0, above 0 up to 1.</summary>
    public static float[] Values { get; } = Make();

    /// <summary>The code of the value nearest to x; of two as near the smaller.</summary>
    public static byte Nearest(float x)
    {
        int at = Array.BinarySearch(Values, x);
        if (at >= 0) return (byte)at;
        int above = Math.Min(~at, Values.Length - 1), below = Math.Max(0, above - 1);
        return (byte)(x - Values[below] <= Values[above] - x ? below : above);
    }

    private static float[] Make()
    {
        List<float> values = [0, 1];
        for (int power = 0; power < Powers; power++)
        {
            int steps = 1 << power;
            double size = Math.Pow(10, power - (Powers - 1)), width = 0.9 / steps;
            for (int step = 0; step < steps; step++)
            {
                double middle = size * (0.1 + ((step + 0.5) * width));
                values.Add((float)middle);
                values.Add(-(float)middle);
            }
        }

        values.Sort();
        return [.. values];
    }
}
