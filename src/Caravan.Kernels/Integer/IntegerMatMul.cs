using System.Runtime.CompilerServices;

namespace Caravan.Kernels;

/// <summary>
/// Products of activations with quantized weights in integers: rows of activations are rounded to 8 bits once, then every matrix that
/// they meet takes part in one parallel region. The same driver serves every block type and instruction set; see <see cref="IntegerKernels"/>.
/// </summary>
internal sealed unsafe class IntegerMatMul(WorkerPool workers, IntegerKernels kernels) : IDisposable
{
    /// <summary>Most matrices in one product.</summary>
    internal const int MaxParts = 4;

    /// <summary>Outputs per item of work: what PanelProducts unpacks at a time.</summary>
    internal const int UnitRows = 32;

    /// <summary>Pieces that each thread gets: few, since each is a stream for the prefetcher, but enough to even out a disturbed core.</summary>
    private const int PiecesPerWorker = 4;

    /// <summary>Products that a piece holds at least, so that handing it over costs less than it saves.</summary>
    private const long ProductsPerPiece = 1 << 16;

    /// <summary>Activations that one thread rounds faster than it wakes another.</summary>
    private const long ActivationsPerPiece = 1 << 14;

    /// <summary>Lanes of a tile of <see cref="ChunkedProducts{TFill}"/>, which are whole.</summary>
    private const int ChunkedLanes = 16;

    /// <summary>Rows from which rounding weights anew costs less than it saves.</summary>
    private const int ChunksPayFrom = 32;

    private readonly Lock gate = new();
    private NativeBuffer? buffer;

    /// <summary>Whether weights of this type and order have a kernel here.</summary>
    public bool Supports(in MatMulPart part) => (part.Interleaved ? kernels.Interleaved(part.Type)?.Products : kernels[part.Type]) is not null;

    /// <summary>Whether weights of this type and shape can be interleaved here.</summary>
    public bool CanInterleave(DType type, long outputs, long columns) =>
        outputs % InterleavedKernel.Rows == 0 && columns % InterleavedKernel.Columns == 0 && kernels.Interleaved(type) is not null;

    /// <summary>Moves weights for which <see cref="CanInterleave"/> holds into as many bytes elsewhere.</summary>
    public void Interleave(DType type, NativeSpan<byte> weights, long columns, NativeSpan<byte> target)
    {
        long rowBytes = type.Bytes(columns);
        InterleaveJob job = new()
        {
            Move = kernels.Interleaved(type)!.Move, Weights = weights.Pointer, Target = target.Pointer, RowBytes = rowBytes, Columns = columns,
        };
        workers.For(weights.Length / (InterleavedKernel.Rows * rowBytes), 1, job);
    }

    /// <summary>y = x · weightsᵀ for every part; all of them must be supported.</summary>
    public void Multiply(NativeSpan<float> x, long columns, ReadOnlySpan<MatMulPart> parts)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts.Length, MaxParts);
        long rows = x.Length / columns;
        if (rows == 0) return;
        lock (gate)
        {
            QuantizedRows activations = Quantize(x, rows, columns);
            MultiplyJob job = new() { X = activations, Count = parts.Length };
            long outputs = 0, units = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                job.Parts[i] = PartOf(parts[i], rows, columns);
                outputs += job.Parts[i].Outputs;
                units += UnitsOf(job.Parts[i]);
            }

            long smallest = ProductsPerPiece / Math.Max(1, columns * rows * UnitRows);
            long grain = Math.Max(Math.Max(1, smallest), units / (workers.Workers * PiecesPerWorker));
            workers.For(units, grain, job, PanelScratch.Floats(activations.Steps));
        }
    }

    /// <summary>Whether <see cref="ForwardChunked"/> takes these weights, and is faster for so many rows.</summary>
    public bool SupportsChunks(in MatMulPart part, long rows, long columns) =>
        rows >= ChunksPayFrom && !part.Interleaved && kernels.Forward(part.Type) is not null && OutputsOf(part, columns) % ChunkedLanes == 0;

    /// <summary>y = x · weightsᵀ for every part, rounded otherwise than by <see cref="Multiply"/>; see <see cref="ChunkedProducts{TFill}"/>.</summary>
    public void ForwardChunked(NativeSpan<float> x, long columns, ReadOnlySpan<MatMulPart> parts)
    {
        ChunkedJob job = default;
        long scratch = 0;
        foreach (MatMulPart part in parts)
        {
            ChunkedKernel kernel = kernels.Forward(part.Type)!;
            job.Parts[job.Count++] = kernel.Part(part.Weights, part.Type.Bytes(columns), OutputsOf(part, columns), part.Y, assign: true);
            scratch = Math.Max(scratch, kernel.ScratchFloats);
        }

        MultiplyChunked(x, columns, job, scratch);
    }

    /// <summary>Whether gradients can go back through weights of this type here.</summary>
    public bool SupportsGradients(DType type, long columns) => kernels.Back(type) is not null && columns % ChunkedLanes == 0;

    /// <summary>gradientX = or += gradientY · weights; see <see cref="ChunkedProducts{TFill}"/>.</summary>
    public void BackwardInput(NativeSpan<float> gradientY, DType type, NativeSpan<byte> weights, long columns, NativeSpan<float> gradientX, bool assign)
    {
        ChunkedKernel kernel = kernels.Back(type)!;
        long rowBytes = type.Bytes(columns);
        ChunkedJob job = new() { Count = 1 };
        job.Parts[0] = kernel.Part(weights, rowBytes, columns, gradientX, assign);
        MultiplyChunked(gradientY, weights.Length / rowBytes, job, kernel.ScratchFloats);
    }

    public void Dispose() => buffer?.Dispose();

    private void MultiplyChunked(NativeSpan<float> x, long terms, ChunkedJob job, long scratch)
    {
        long rows = x.Length / terms, units = 0;
        if (rows == 0) return;
        lock (gate)
        {
            QuantizeChunksJob quantize = new() { X = x.Pointer, Rows = new ChunkedRows(Memory(ChunkedRows.Bytes(rows, terms)), rows, terms) };
            workers.For(rows, Math.Max(1, ActivationsPerPiece / terms), quantize);
            job.X = quantize.Rows;
            for (int i = 0; i < job.Count; i++) units += UnitsOf(job.Parts[i]);
            workers.For(units, 1, job, scratch);
        }
    }

    private static long OutputsOf(in MatMulPart part, long columns) => part.Weights.Length / part.Type.Bytes(columns);

    private static long UnitsOf(in ChunkedPart part) => (part.Lanes + part.Width - 1) / part.Width;

    private static long UnitsOf(in IntegerPart part) => (part.Outputs + UnitRows - 1) / UnitRows;

    private IntegerPart PartOf(MatMulPart part, long rows, long columns)
    {
        long rowBytes = part.Type.Bytes(columns);
        return new IntegerPart
        {
            Weights = part.Weights.Pointer, RowBytes = rowBytes, Outputs = part.Weights.Length / rowBytes, Y = part.Y.Pointer,
            Multiply = (part.Interleaved ? kernels.Interleaved(part.Type)!.Products : kernels[part.Type]!).For(rows),
        };
    }

    private QuantizedRows Quantize(NativeSpan<float> x, long rows, long columns)
    {
        QuantizeJob job = new() { X = x.Pointer, Columns = columns, Rows = new QuantizedRows(Memory(QuantizedRows.Bytes(rows, columns)), rows, columns) };
        workers.For(rows, Math.Max(1, ActivationsPerPiece / columns), job);
        return job.Rows;
    }

    private byte* Memory(long bytes)
    {
        if (buffer is null || buffer.Length < bytes)
        {
            buffer?.Dispose();
            buffer = null;
            buffer = new NativeBuffer(bytes, clear: false);
        }

        return buffer.Bytes.Pointer;
    }

    /// <summary>Items are groups of rows.</summary>
    private struct InterleaveJob : IRangeJob
    {
        public delegate*<byte*, long, long, byte*, void> Move;
        public byte* Weights;
        public byte* Target;
        public long RowBytes;
        public long Columns;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long bytes = InterleavedKernel.Rows * RowBytes;
            for (long group = start; group < end; group++) Move(Weights + (group * bytes), RowBytes, Columns, Target + (group * bytes));
        }
    }

    /// <summary>Items are rows of activations.</summary>
    private struct QuantizeJob : IRangeJob
    {
        public float* X;
        public long Columns;
        public QuantizedRows Rows;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++) Rows.Quantize(X + (row * Columns), row);
        }
    }

    /// <summary>Items are rows.</summary>
    private struct QuantizeChunksJob : IRangeJob
    {
        public float* X;
        public ChunkedRows Rows;

        public readonly void Execute(long start, long end, float* scratch)
        {
            for (long row = start; row < end; row++) Rows.Quantize(X + (row * Rows.Columns), row);
        }
    }

    /// <summary>Items are panels of lanes, those of the first part first.</summary>
    private struct ChunkedJob : IRangeJob
    {
        public ChunkedRows X;
        public ChunkedList Parts;
        public int Count;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long first = 0;
            for (int i = 0; i < Count; i++)
            {
                long units = UnitsOf(Parts[i]), from = Math.Max(start - first, 0), to = Math.Min(end - first, units);
                if (from < to) Parts[i].Multiply(Parts[i], X, from, to, scratch);
                first += units;
            }
        }
    }

    /// <summary>Items are units of outputs, those of the first part first.</summary>
    private struct MultiplyJob : IRangeJob
    {
        public QuantizedRows X;
        public PartList Parts;
        public int Count;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long first = 0;
            for (int i = 0; i < Count; i++)
            {
                long units = UnitsOf(Parts[i]), from = Math.Max(start - first, 0), to = Math.Min(end - first, units);
                if (from < to) Parts[i].Multiply(Parts[i], X, from * UnitRows, Math.Min(to * UnitRows, Parts[i].Outputs), scratch);
                first += units;
            }
        }
    }

    [InlineArray(MaxParts)]
    private struct ChunkedList
    {
        private ChunkedPart first;
    }

    [InlineArray(MaxParts)]
    private struct PartList
    {
        private IntegerPart first;
    }
}
