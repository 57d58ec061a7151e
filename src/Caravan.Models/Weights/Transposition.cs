using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>Rows and columns exchanged.</summary>
internal static class Transposition
{
    /// <summary>Copies a matrix, or some of its columns, turned.</summary>
    /// <param name="type">Of its elements: one that is no block type.</param>
    /// <param name="source">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="picked">Which columns; null for all.</param>
    /// <param name="destination">[columns or those picked, rows].</param>
    /// <exception cref="CaravanException">It is a block type.</exception>
    public static void Copy(DType type, NativeSpan<byte> source, long rows, long columns, RowRuns? picked, NativeSpan<byte> destination)
    {
        if (type.BlockElements() != 1) throw new CaravanException($"Rows and columns cannot be exchanged in blocks of {type}.");
        switch (type.BlockBytes())
        {
            case 2: Copy<ushort>(source, rows, columns, picked, destination); break;
            case 4: Copy<uint>(source, rows, columns, picked, destination); break;
            default: Copy<ulong>(source, rows, columns, picked, destination); break;
        }
    }

    private static void Copy<T>(NativeSpan<byte> source, long rows, long columns, RowRuns? picked, NativeSpan<byte> destination)
        where T : unmanaged
    {
        NativeSpan<T> from = source.Cast<T>(), to = destination.Cast<T>();
        long taken = picked?.Rows ?? columns;
        for (long row = 0; row < rows; row++)
        {
            ReadOnlySpan<T> elements = from.Slice(row * columns, columns).AsSpan();
            for (long i = 0; i < taken; i++) to[(i * rows) + row] = elements[(int)(picked?.DiskRow(i) ?? i)];
        }
    }
}
