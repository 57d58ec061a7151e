namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y[n, o] = Σ x[n, k] · w[o, k]: a linear layer with weights of any real type.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="type">Type of the weights.</param>
    /// <param name="weights">[outputs, columns] in blocks of <paramref name="type"/>; columns must fill whole blocks.</param>
    /// <param name="columns">Inputs per row.</param>
    /// <param name="y">[rows, outputs].</param>
    /// <param name="precision"><see cref="ActivationPrecision.Int8"/> where it is allowed and there is a kernel for the type.</param>
    public void MatMul(
        NativeSpan<float> x, DType type, NativeSpan<byte> weights, long columns, NativeSpan<float> y,
        ActivationPrecision precision = ActivationPrecision.Exact) => MatMul(x, columns, [new MatMulPart(type, weights, y)], precision);

    /// <summary>The same for up to four matrices that share x, such as query, key and value: the results are those of separate calls.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="columns">Inputs per row.</param>
    /// <param name="parts">The weights and where their results go.</param>
    /// <param name="precision"><see cref="ActivationPrecision.Int8"/> where it is allowed and there is a kernel for the type.</param>
    /// <param name="blocked">
    /// Whether exact products may be summed block by block, and those of 8 bits rounded 256 columns at a time, which is faster for many rows. Else a row's
    /// results are, bit for bit, what it gives alone.
    /// </param>
    public abstract void MatMul(NativeSpan<float> x, long columns, ReadOnlySpan<MatMulPart> parts, ActivationPrecision precision, bool blocked = false);

    /// <summary>
    /// Whether weights of this type and shape can be moved into an order in which products with 8-bit activations cost less; see
    /// <see cref="IInterleave512"/>.
    /// </summary>
    public abstract bool CanInterleave(DType type, long outputs, long columns);

    /// <summary>Moves weights for which <see cref="CanInterleave"/> holds into as many bytes elsewhere.</summary>
    /// <param name="type">Type of the weights.</param>
    /// <param name="weights">[outputs, columns] in blocks of <paramref name="type"/>.</param>
    /// <param name="columns">Columns of a row.</param>
    /// <param name="target">As many bytes, at a multiple of 64.</param>
    public abstract void Interleave(DType type, NativeSpan<byte> weights, long columns, NativeSpan<byte> target);

    /// <summary>
    /// gradientX[n, k] += Σ gradientY[n, o] · w[o, k], or with <paramref name="assign"/> set to it: backward through weights of any real type, decoded
    /// tile by tile. With <see cref="ActivationPrecision.Int8"/>, where there is a kernel for the type, gradients and weights are rounded to 8 bits,
    /// 256 outputs at a time.
    /// </summary>
    public abstract void MatMulBackwardInput(
        NativeSpan<float> gradientY, DType type, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX, bool assign = false,
        ActivationPrecision precision = ActivationPrecision.Exact);

    /// <summary>gradientWeights[o, k] += Σ gradientY[n, o] · x[n, k], or with <paramref name="assign"/> set to it.</summary>
    public abstract void MatMulBackwardWeights(
        NativeSpan<float> gradientY, NativeSpan<float> x, long columns, NativeSpan<float> gradientWeights, bool assign = false);

    /// <summary>y[i, :] = table[rows[i], :]; every row number must be inside the table.</summary>
    public abstract void GatherRows(DType type, NativeSpan<byte> table, long columns, NativeSpan<int> rows, NativeSpan<float> y);

    /// <summary>table[rows[i], :] += y[i, :], in order of i.</summary>
    public abstract void AddToRows(NativeSpan<float> y, NativeSpan<int> rows, NativeSpan<float> table);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    /// <summary>Rows of activations from which packing them and a panel of weights costs less than converting weights again and again.</summary>
    private const int PackingPaysFrom = 9;

    /// <summary>With shorter rows a tile spends more on its lanes than on its products.</summary>
    private const int PackingPaysFromColumns = 128;

    private readonly BlockMatMul?[] matMuls = new BlockMatMul?[Enum.GetValues<DType>().Length];

    private readonly PackedRows<TLanes> packedRows;

    public override void MatMul(NativeSpan<float> x, long columns, ReadOnlySpan<MatMulPart> parts, ActivationPrecision precision, bool blocked)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts.Length, IntegerMatMul.MaxParts);
        Span<MatMulPart> integer = stackalloc MatMulPart[IntegerMatMul.MaxParts], exact = stackalloc MatMulPart[IntegerMatMul.MaxParts], chunked = stackalloc MatMulPart[IntegerMatMul.MaxParts];
        int integers = 0, exacts = 0, chunks = 0;
        foreach (MatMulPart part in parts)
        {
            if (blocked && precision == ActivationPrecision.Int8 && integerMatMul.SupportsChunks(part, x.Length / columns, columns)) chunked[chunks++] = part;
            else if (precision == ActivationPrecision.Int8 && integerMatMul.Supports(part)) integer[integers++] = part;
            else if (part.Interleaved) throw new CaravanException("The weights were repacked for products with 8-bit activations on the widest instruction set; load the model without repacking to compute otherwise.");
            else exact[exacts++] = part;
        }

        if (chunks > 0) integerMatMul.ForwardChunked(x, columns, chunked[..chunks]);
        if (integers > 0) integerMatMul.Multiply(x, columns, integer[..integers]);
        if (!blocked) MultiplyExactly(x, columns, exact[..exacts]);
        else foreach (MatMulPart part in exact[..exacts]) MultiplyBlocked(x, columns, part);
    }

    private void MultiplyBlocked(NativeSpan<float> x, long columns, MatMulPart part)
    {
        if (IsNarrow(part.Type, part.Weights.Length / part.Type.Bytes(columns), columns)) NarrowForward(x, part.Weights.Cast<float>(), columns, part.Y);
        else MatMulOf(part.Type).ForwardBlocked(x, part.Weights, columns, part.Y);
    }

    private void MultiplyExactly(NativeSpan<float> x, long columns, ReadOnlySpan<MatMulPart> parts)
    {
        long rows = x.Length / columns;
        if (parts.Length == 0) return;
        if (rows < PackingPaysFrom || columns < PackingPaysFromColumns)
        {
            foreach (MatMulPart part in parts) MatMulOf(part.Type).Forward(x, part.Weights, columns, part.Y);
            return;
        }

        lock (packedRows)
        {
            float* packed = packedRows.Pack(x, columns);
            foreach (MatMulPart part in parts) MatMulOf(part.Type).ForwardPacked(packed, rows, part.Weights, columns, part.Y);
        }
    }

    public override bool CanInterleave(DType type, long outputs, long columns) => integerMatMul.CanInterleave(type, outputs, columns);

    public override void Interleave(DType type, NativeSpan<byte> weights, long columns, NativeSpan<byte> target) =>
        integerMatMul.Interleave(type, weights, columns, target);

    public override void MatMulBackwardInput(
        NativeSpan<float> gradientY, DType type, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX, bool assign, ActivationPrecision precision)
    {
        if (IsNarrow(type, weights.Length / type.Bytes(columns), columns)) NarrowBackwardInput(gradientY, weights.Cast<float>(), columns, gradientX, assign);
        else if (precision == ActivationPrecision.Int8 && integerMatMul.SupportsGradients(type, columns))
            integerMatMul.BackwardInput(gradientY, type, weights, columns, gradientX, assign);
        else MatMulOf(type).BackwardInput(gradientY, weights, columns, gradientX, assign);
    }

    public override void GatherRows(DType type, NativeSpan<byte> table, long columns, NativeSpan<int> rows, NativeSpan<float> y) =>
        MatMulOf(type).GatherRows(table, columns, rows, y);

    public override void MatMulBackwardWeights(
        NativeSpan<float> gradientY, NativeSpan<float> x, long columns, NativeSpan<float> gradientWeights, bool assign)
    {
        long rows = x.Length / columns;
        if (rows == 0 && !assign) return;
        if (IsNarrow(DType.F32, gradientWeights.Length / columns, columns))
        {
            NarrowBackwardWeights(gradientY, x, columns, gradientWeights, assign);
            return;
        }

        WeightGradient operands = new() { GradientY = gradientY.Pointer, X = x.Pointer, Outputs = gradientWeights.Length / columns, Columns = columns };
        Accumulation<TLanes, WeightGradient>.Run(Workers, operands, operands.Outputs, rows, columns, OuterTile<TLanes>.Columns, TLanes.Count, gradientWeights.Pointer, assign);
    }

    public override void AddToRows(NativeSpan<float> y, NativeSpan<int> rows, NativeSpan<float> table)
    {
        if (rows.Length == 0) return;
        AddToRowsJob job = new() { Y = y.Pointer, Rows = rows.Pointer, Count = rows.Length, Table = table.Pointer, Columns = y.Length / rows.Length };
        Workers.For(job.Columns, ColumnGrain(job.Columns, rows.Length), job);
    }

    /// <summary>Columns per piece where threads share columns because rows must be added in order: whole cache lines.</summary>
    private long ColumnGrain(long columns, long rows) => Packing<TLanes>.RoundUp(Math.Max(RowGrain(rows), columns / Workers.Workers), 16);

    private BlockMatMul MatMulOf(DType type) =>
        matMuls[(int)type] ?? throw new CaravanException($"{type} holds no real numbers, so it cannot be the type of a weight.");

    /// <summary>A step is a row of activations, and both factors lie in its order.</summary>
    private struct WeightGradient : IOperands
    {
        public float* GradientY;
        public float* X;
        public long Outputs;
        public long Columns;

        public static long ScratchFloats(long steps, long columns) => 0;

        public readonly void PackLeft(long row, long rows, long step, long steps, float* packed, long sliverFloats) =>
            Packing<TLanes>.Rows(GradientY + (step * Outputs) + row, Outputs, steps, rows, packed, OuterTile<TLanes>.Rows, sliverFloats);

        public readonly void PackRight(long column, long columns, long step, long steps, float* packed, long sliverFloats, float* scratch) =>
            Packing<TLanes>.Rows(X + (step * Columns) + column, Columns, steps, columns, packed, OuterTile<TLanes>.Columns, sliverFloats);
    }

    /// <summary>Items are columns: every thread goes through all rows.</summary>
    private struct AddToRowsJob : IRangeJob
    {
        public float* Y;
        public int* Rows;
        public long Count;
        public float* Table;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long i = 0; i < Count; i++) AddScaled(Table + (Rows[i] * Columns) + start, 1, Y + (i * Columns) + start, end - start);
        }
    }
}
