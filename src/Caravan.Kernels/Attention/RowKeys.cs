using System.Runtime.Intrinsics;

namespace Caravan.Kernels;

/// <summary>Keys and values in rows of floats, those of a segment one after the other from its <see cref="AttentionSegment.KeyStart"/>.</summary>
internal unsafe struct RowKeys : IKeySource
{
    public float* Keys;
    public float* Values;
    public int HeadSize;
    public long Width;

    public readonly void Load(in AttentionSegment segment, int first, int count, int head, in AttentionTile tile)
    {
        long offset = ((segment.KeyStart + first) * Width) + (head * HeadSize);
        Turn(Keys + offset, Width, count, HeadSize, tile.TurnedKeys, AttentionTile.Keys);
        for (int i = 0; i < count; i++)
            new ReadOnlySpan<float>(Values + offset + (i * Width), HeadSize).CopyTo(new Span<float>(tile.Values + ((long)i * tile.ValueStride), HeadSize));
    }

    /// <summary>destination[j, i] = source[i, j].</summary>
    internal static void Turn(float* source, long sourceStride, int rows, int columns, float* destination, long destinationStride)
    {
        int i = 0;
        for (; i + 4 <= rows; i += 4)
        {
            float* row = source + (i * sourceStride);
            int j = 0;
            for (; j + 4 <= columns; j += 4) TurnFour(row + j, sourceStride, destination + (j * destinationStride) + i, destinationStride);
            for (; j < columns; j++)
                for (int k = 0; k < 4; k++) destination[(j * destinationStride) + i + k] = row[(k * sourceStride) + j];
        }

        for (; i < rows; i++)
            for (int j = 0; j < columns; j++) destination[(j * destinationStride) + i] = source[(i * sourceStride) + j];
    }

    private static void TurnFour(float* source, long sourceStride, float* destination, long destinationStride)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + sourceStride);
        Vector128<float> c = Vector128.Load(source + (2 * sourceStride)), d = Vector128.Load(source + (3 * sourceStride));
        (Vector128<float> ac0, Vector128<float> ac1) = Zip(a, c);
        (Vector128<float> bd0, Vector128<float> bd1) = Zip(b, d);
        (Vector128<float> row0, Vector128<float> row1) = Zip(ac0, bd0);
        (Vector128<float> row2, Vector128<float> row3) = Zip(ac1, bd1);
        row0.Store(destination);
        row1.Store(destination + destinationStride);
        row2.Store(destination + (2 * destinationStride));
        row3.Store(destination + (3 * destinationStride));
    }

    /// <summary>The lower halves and the upper halves of two registers, element by element in turn.</summary>
    private static (Vector128<float> Lower, Vector128<float> Upper) Zip(Vector128<float> a, Vector128<float> b)
    {
        Vector128<float> lower = Vector128.Shuffle(a, Vector128.Create(0, 0, 1, 1)), other = Vector128.Shuffle(b, Vector128.Create(0, 0, 1, 1));
        Vector128<int> odd = Vector128.Create(0, -1, 0, -1);
        Vector128<float> upper = Vector128.Shuffle(a, Vector128.Create(2, 2, 3, 3)), otherUpper = Vector128.Shuffle(b, Vector128.Create(2, 2, 3, 3));
        return (Vector128.ConditionalSelect(odd.AsSingle(), other, lower), Vector128.ConditionalSelect(odd.AsSingle(), otherUpper, upper));
    }
}
