using Caravan.Kernels;

namespace Caravan.Cli;

/// <summary>
/// Random weights of any type, made as fast as a disk takes them: normally distributed values are really encoded once, into a pool of
/// <see cref="PoolPieces"/> pieces of <see cref="PieceElements"/> elements for each type and row length, and tensors are filled with pieces
/// drawn from it. So every block is one that the encoder makes of such values, and no two rows are alike.
/// </summary>
/// <remarks>
/// The standard deviation is 1/√(columns): a product with a normalized row is again about 1 in size, and activations stay finite at any depth.
/// </remarks>
internal sealed class RandomWeights
{
    /// <summary>The longest block there is.</summary>
    private const int PieceElements = 256;
    private const int PoolPieces = 1024;
    private const int PiecesAtOnce = 4096;

    private readonly Dictionary<(DType Type, long Columns), byte[]> pools = [];

    /// <summary>Writes a matrix.</summary>
    /// <param name="stream">Where its bytes go.</param>
    /// <param name="type">How it is stored.</param>
    /// <param name="rows">Its outputs.</param>
    /// <param name="columns">Its inputs; a multiple of 256.</param>
    /// <param name="seed">Which pieces are drawn.</param>
    public void Write(Stream stream, DType type, long rows, long columns, ulong seed)
    {
        byte[] pool = PoolOf(type, columns);
        int pieceBytes = pool.Length / PoolPieces;
        byte[] buffer = new byte[PiecesAtOnce * pieceBytes];
        SplitMix64 random = new(seed);
        long left = rows * columns / PieceElements;
        while (left > 0)
        {
            int count = (int)Math.Min(left, PiecesAtOnce);
            for (int i = 0; i < count; i++)
            {
                int drawn = (int)(random.Next() % PoolPieces);
                pool.AsSpan(drawn * pieceBytes, pieceBytes).CopyTo(buffer.AsSpan(i * pieceBytes));
            }

            stream.Write(buffer, 0, count * pieceBytes);
            left -= count;
        }
    }

    private byte[] PoolOf(DType type, long columns)
    {
        if (pools.TryGetValue((type, columns), out byte[]? pool)) return pool;
        const int elements = PoolPieces * PieceElements;
        using NativeBuffer values = new(elements * sizeof(float), clear: false);
        using NativeBuffer blocks = new(type.Bytes(elements), clear: false);
        NativeSpan<float> floats = values.Bytes.Cast<float>();
        FillNormal(floats.AsSpan(), 1 / Math.Sqrt(columns));
        QuantFormats.Of(type).Encode(floats, blocks.Bytes, PieceElements);
        pool = blocks.Bytes.AsSpan().ToArray();
        pools.Add((type, columns), pool);
        return pool;
    }

    /// <summary>Box and Muller 1958, "A Note on the Generation of Random Normal Deviates".</summary>
    private static void FillNormal(Span<float> values, double deviation)
    {
        SplitMix64 random = new((ulong)values.Length);
        for (int i = 0; i < values.Length; i += 2)
        {
            double radius = deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
            (values[i], values[i + 1]) = ((float)(radius * cosine), (float)(radius * sine));
        }
    }
}
