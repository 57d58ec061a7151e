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
    public abstract void MatMul(NativeSpan<float> x, long columns, ReadOnlySpan<MatMulPart> parts, ActivationPrecision precision);

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

    /// <summary>gradientX[n, k] += Σ gradientY[n, o] · w[o, k]: backward through weights of any real type, decoded tile by tile.</summary>
    public abstract void MatMulBackwardInput(
        NativeSpan<float> gradientY, DType type, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX);

    /// <summary>gradientWeights[o, k] += Σ gradientY[n, o] · x[n, k].</summary>
    public abstract void MatMulBackwardWeights(NativeSpan<float> gradientY, NativeSpan<float> x, long columns, NativeSpan<float> gradientWeights);

    /// <summary>y[i, :] = table[rows[i], :]; every row number must be inside the table.</summary>
    public abstract void GatherRows(DType type, NativeSpan<byte> table, long columns, NativeSpan<int> rows, NativeSpan<float> y);

    /// <summary>table[rows[i], :] += y[i, :], in order of i.</summary>
    public abstract void AddToRows(NativeSpan<float> y, NativeSpan<int> rows, NativeSpan<float> table);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    private readonly BlockMatMul?[] matMuls = new BlockMatMul?[Enum.GetValues<DType>().Length];

    public override void MatMul(NativeSpan<float> x, long columns, ReadOnlySpan<MatMulPart> parts, ActivationPrecision precision)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts.Length, IntegerMatMul.MaxParts);
        Span<MatMulPart> integer = stackalloc MatMulPart[IntegerMatMul.MaxParts];
        int count = 0;
        foreach (MatMulPart part in parts)
        {
            if (precision == ActivationPrecision.Int8 && integerMatMul.Supports(part.Type)) integer[count++] = part;
            else if (part.Interleaved) throw new CaravanException("The weights were repacked for products with 8-bit activations; load the model without repacking to compute exactly.");
            else MatMulOf(part.Type).Forward(x, part.Weights, columns, part.Y);
        }

        if (count > 0) integerMatMul.Multiply(x, columns, integer[..count]);
    }

    public override bool CanInterleave(DType type, long outputs, long columns) => integerMatMul.CanInterleave(type, outputs, columns);

    public override void Interleave(DType type, NativeSpan<byte> weights, long columns, NativeSpan<byte> target) =>
        integerMatMul.Interleave(type, weights, columns, target);

    public override void MatMulBackwardInput(
        NativeSpan<float> gradientY, DType type, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX) =>
        MatMulOf(type).BackwardInput(gradientY, weights, columns, gradientX);

    public override void GatherRows(DType type, NativeSpan<byte> table, long columns, NativeSpan<int> rows, NativeSpan<float> y) =>
        MatMulOf(type).GatherRows(table, columns, rows, y);

    public override void MatMulBackwardWeights(NativeSpan<float> gradientY, NativeSpan<float> x, long columns, NativeSpan<float> gradientWeights)
    {
        long rows = x.Length / columns;
        if (rows == 0) return;
        BackwardWeightsJob job = new()
        {
            GradientY = gradientY.Pointer, X = x.Pointer, GradientWeights = gradientWeights.Pointer, Columns = columns, Rows = rows,
            Outputs = gradientY.Length / rows,
        };
        Workers.For(job.Outputs, RowGrain(columns * rows), job);
    }

    public override void AddToRows(NativeSpan<float> y, NativeSpan<int> rows, NativeSpan<float> table)
    {
        long columns = y.Length / Math.Max(1, rows.Length);
        for (long i = 0; i < rows.Length; i++) AddScaled(table.Pointer + (rows.Pointer[i] * columns), 1, y.Pointer + (i * columns), columns);
    }

    /// <summary>
    /// y[:] += Σ factors[j · stride] · rows[j, :] over <paramref name="terms"/> rows: y stays in registers while the rows stream by.
    /// </summary>
    internal static void AddCombination(float* y, float* factors, long stride, float* rows, long rowStride, long terms, long columns)
    {
        long k = 0;
        for (; k + (4 * TLanes.Count) <= columns; k += 4 * TLanes.Count)
        {
            float* at = y + k;
            TLanes sum0 = TLanes.Load(at), sum1 = TLanes.Load(at + TLanes.Count);
            TLanes sum2 = TLanes.Load(at + (2 * TLanes.Count)), sum3 = TLanes.Load(at + (3 * TLanes.Count));
            for (long j = 0; j < terms; j++)
            {
                TLanes factor = TLanes.Broadcast(factors[j * stride]);
                float* row = rows + (j * rowStride) + k;
                sum0 = TLanes.MultiplyAdd(factor, TLanes.Load(row), sum0);
                sum1 = TLanes.MultiplyAdd(factor, TLanes.Load(row + TLanes.Count), sum1);
                sum2 = TLanes.MultiplyAdd(factor, TLanes.Load(row + (2 * TLanes.Count)), sum2);
                sum3 = TLanes.MultiplyAdd(factor, TLanes.Load(row + (3 * TLanes.Count)), sum3);
            }

            TLanes.Store(sum0, at);
            TLanes.Store(sum1, at + TLanes.Count);
            TLanes.Store(sum2, at + (2 * TLanes.Count));
            TLanes.Store(sum3, at + (3 * TLanes.Count));
        }

        for (long j = 0; j < terms && k < columns; j++) AddScaled(y + k, factors[j * stride], rows + (j * rowStride) + k, columns - k);
    }

    private BlockMatMul MatMulOf(DType type) =>
        matMuls[(int)type] ?? throw new CaravanException($"{type} holds no real numbers, so it cannot be the type of a weight.");

    /// <summary>Items are outputs: no two write the same gradient.</summary>
    private struct BackwardWeightsJob : IRangeJob
    {
        public float* GradientY;
        public float* X;
        public float* GradientWeights;
        public long Columns;
        public long Rows;
        public long Outputs;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long o = start; o < end; o++)
                AddCombination(GradientWeights + (o * Columns), GradientY + o, Outputs, X, Columns, Rows, Columns);
        }
    }
}
