namespace Caravan.Kernels;

/// <summary>Checks lengths and values, then lets <typeparamref name="TBlock"/> do the work.</summary>
internal sealed unsafe class QuantFormatOf<TBlock>() : QuantFormat(TBlock.DType)
    where TBlock : struct, IBlockFormat
{
    /// <summary>
    /// No block type holds this: the widest, Q6_K, ends at 65504 · 128 · 32 = 2.7e8. From about 1e12 on the squares in its search overflow
    /// and would leave zeros, which looking at the stored block does not show.
    /// </summary>
    private const float TooLargeForBlocks = 1 << 29;

    /// <summary>Keeps the weighted sums of the searches finite.</summary>
    private const float LargestImportance = 1e15f;

    private static bool IsPlain => TBlock.BlockElements == 1;

    public override void Decode(NativeSpan<byte> source, NativeSpan<float> destination)
    {
        CheckLengths(source.Length, destination.Length);
        TBlock.Decode(source.Pointer, destination.Pointer, destination.Length);
    }

    public override float Dot(NativeSpan<byte> blocks, NativeSpan<float> activations)
    {
        CheckLengths(blocks.Length, activations.Length);
        return TBlock.Dot(blocks.Pointer, activations.Pointer, activations.Length);
    }

    public override void Encode(
        NativeSpan<float> source, NativeSpan<byte> destination, long rowElements, NativeSpan<float> importance = default, long firstRow = 0)
    {
        CheckLengths(destination.Length, source.Length);
        CheckRows(source.Length, rowElements);
        CheckImportance(importance, rowElements);
        float* weights = importance.Length == 0 ? null : importance.Pointer;
        long rowBytes = DType.Bytes(rowElements);
        for (long row = 0; row < source.Length / rowElements; row++)
        {
            float* values = source.Pointer + (row * rowElements);
            byte* blocks = destination.Pointer + (row * rowBytes);
            if (!IsPlain) CheckValues(values, firstRow + row, rowElements);
            TBlock.Encode(values, blocks, rowElements, weights);
            CheckStored(values, blocks, firstRow + row, rowElements);
        }
    }

    internal override BlockMatMul MatMulFor<TLanes>(WorkerPool workers) => new BlockMatMulOf<TLanes, TBlock>(workers);

    private void CheckRows(long elements, long rowElements)
    {
        if (rowElements <= 0 || rowElements % TBlock.BlockElements != 0)
            throw new CaravanException($"Rows of {rowElements} elements do not fill whole {DType} blocks of {TBlock.BlockElements}.");
        if (elements % rowElements != 0)
            throw new CaravanException($"{elements} elements are not whole rows of {rowElements}.");
    }

    private static void CheckImportance(NativeSpan<float> importance, long rowElements)
    {
        if (importance.Length != 0 && importance.Length != rowElements)
            throw new CaravanException($"Expected {rowElements} importance weights, one per column, but {importance.Length} were given.");
        for (long i = 0; i < importance.Length; i++)
        {
            if (!(importance.Pointer[i] is >= 0 and <= LargestImportance))
                throw new CaravanException($"The importance of column {i} is {importance.Pointer[i]}; expected a weight from 0 to 1e15.");
        }
    }

    private void CheckLengths(long bytes, long elements)
    {
        long expected = DType.Bytes(elements);
        if (bytes != expected) throw new CaravanException($"{elements} elements of {DType} take {expected} bytes, but {bytes} were given.");
    }

    private void CheckValues(float* values, long row, long elements)
    {
        long column = MagnitudeScan.FirstAtLeast(values, elements, TooLargeForBlocks);
        if (column < 0) return;
        if (float.IsFinite(values[column])) throw TooLarge(values[column], row, column);
        throw new CaravanException(
            $"{DType} cannot store the value {values[column]} at row {row}, column {column}; keep this tensor in F32.");
    }

    /// <summary>
    /// Block scales are halves: where one would exceed 65504 it becomes infinite, and the block decodes to infinities and NaN (0 · ∞).
    /// Saturating the scale would shrink every value of the block unnoticed, so the row is refused. Decoding again shows it for every type.
    /// </summary>
    private void CheckStored(float* values, byte* blocks, long row, long elements)
    {
        float* decoded = stackalloc float[BlockDot.Piece];
        for (long start = 0; start < elements; start += BlockDot.Piece)
        {
            int count = (int)Math.Min(BlockDot.Piece, elements - start);
            TBlock.Decode(blocks + (start / TBlock.BlockElements * TBlock.BlockBytes), decoded, count);
            long first = MagnitudeScan.FirstAtLeast(decoded, count, float.PositiveInfinity);
            for (long i = first; i >= 0 && i < count; i++)
            {
                if (float.IsFinite(decoded[i]) || !float.IsFinite(values[start + i])) continue;
                long column = LargestOfBlock(values, start + i);
                throw TooLarge(values[column], row, column);
            }
        }
    }

    private CaravanException TooLarge(float value, long row, long column) =>
        new($"The value {value} at row {row}, column {column} is too large for {DType}; keep this tensor in F32 or BF16.");

    /// <summary>Where the block of element <paramref name="index"/> has its largest magnitude, which made the scale overflow.</summary>
    private static long LargestOfBlock(float* values, long index)
    {
        long first = index / TBlock.BlockElements * TBlock.BlockElements;
        long column = first;
        for (long i = first; i < first + TBlock.BlockElements; i++)
            if (MathF.Abs(values[i]) > MathF.Abs(values[column])) column = i;
        return column;
    }
}
