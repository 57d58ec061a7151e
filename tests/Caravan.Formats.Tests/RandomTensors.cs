using Caravan.Kernels;

namespace Caravan.Formats.Tests;

/// <summary>Random contents for round trips.</summary>
internal static class RandomTensors
{
    /// <summary>A tensor of random shape (0 to 4 dimensions) and random bytes.</summary>
    public static (TensorSource Source, byte[] Bytes) One(Random random, DType type, string name)
    {
        long[] shape = [.. Enumerable.Range(0, random.Next(5)).Select(_ => (long)random.Next(1, 4))];
        if (type.IsQuantized())
        {
            if (shape.Length == 0) shape = [1];
            shape[^1] *= type.BlockElements();
        }

        byte[] bytes = new byte[type.Bytes(TensorShape.Elements(shape))];
        random.NextBytes(bytes);
        return (new TensorSource(name, type, [.. shape], stream => WriteInPieces(stream, bytes, random)), bytes);
    }

    /// <summary>A metadata value of a random type.</summary>
    public static object Value(Random random) => random.Next(10) switch
    {
        0 => (byte)random.Next(256),
        1 => random.NextInt64(),
        2 => random.NextDouble(),
        3 => random.Next(2) == 0,
        4 => Text(random),
        5 => Enumerable.Range(0, random.Next(50)).Select(_ => Text(random)).ToArray(),
        6 => Enumerable.Range(0, random.Next(50)).Select(_ => random.NextSingle()).ToArray(),
        7 => Enumerable.Range(0, random.Next(50)).Select(_ => (sbyte)random.Next(-128, 128)).ToArray(),
        8 => new object[] { new[] { random.Next() }, new[] { Text(random) } },
        _ => (ushort)random.Next(65536),
    };

    public static void AssertEqual(TensorSource source, byte[] bytes, TensorEntry read)
    {
        Assert.Equal(source.DType, read.DType);
        Assert.Equal(source.Shape.AsEnumerable(), read.Shape.AsEnumerable());
        Assert.Equal(bytes, read.Data.AsSpan().ToArray());
    }

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => char.ConvertFromUtf32(random.Next(1, 0xD800))));

    private static void WriteInPieces(Stream stream, byte[] bytes, Random random)
    {
        for (int start = 0; start < bytes.Length;)
        {
            int piece = Math.Min(bytes.Length - start, random.Next(1, 100));
            stream.Write(bytes, start, piece);
            start += piece;
        }
    }
}
