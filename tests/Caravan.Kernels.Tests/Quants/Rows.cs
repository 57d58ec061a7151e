namespace Caravan.Kernels.Tests;

/// <summary>Rows of random floats, and what a format makes of them.</summary>
internal static class Rows
{
    public static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    public static float[] Make(int count, Func<int, float> value) => [.. Enumerable.Range(0, count).Select(value)];

    public static byte[] Encode(DType type, float[] row, float[]? importance = null)
    {
        using NativeBuffer source = Native.Copy<float>(row);
        using NativeBuffer blocks = new(type.Bytes(row.Length));
        using NativeBuffer weights = Native.Copy<float>(importance);
        QuantFormats.Of(type).Encode(source.Bytes.Cast<float>(), blocks.Bytes, row.Length, weights.Bytes.Cast<float>());
        return blocks.Bytes.AsSpan().ToArray();
    }

    public static float[] Decode(DType type, byte[] bytes)
    {
        using NativeBuffer source = Native.Copy<byte>(bytes);
        using NativeBuffer values = new(bytes.Length / type.BlockBytes() * type.BlockElements() * sizeof(float));
        QuantFormats.Of(type).Decode(source.Bytes, values.Bytes.Cast<float>());
        return values.Bytes.Cast<float>().AsSpan().ToArray();
    }

    public static float[] RoundTrip(DType type, float[] row, float[]? importance = null) => Decode(type, Encode(type, row, importance));
}
