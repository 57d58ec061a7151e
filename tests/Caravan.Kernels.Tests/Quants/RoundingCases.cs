namespace Caravan.Kernels.Tests;

/// <summary>Floats on which a rounding conversion to 16 bits can go wrong.</summary>
internal static class RoundingCases
{
    /// <summary>
    /// Around every 16-bit number: itself, the point halfway to the next one and that point's two neighbours; then random bit patterns.
    /// </summary>
    public static float[] AroundEvery(Func<ushort, float> decode)
    {
        List<float> floats = [float.Epsilon, float.MaxValue, float.MinValue, 65519.996f, 65520f];
        for (int bits = 0; bits < 65535; bits++)
        {
            float value = decode((ushort)bits);
            float middle = (float)(((double)value + decode((ushort)(bits + 1))) / 2);
            floats.AddRange([value, middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle)]);
        }

        Random random = new(1);
        for (int i = 0; i < 500_000; i++) floats.Add(BitConverter.Int32BitsToSingle((int)random.NextInt64(1L << 32)));
        return [.. floats];
    }
}
