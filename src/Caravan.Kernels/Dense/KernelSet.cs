namespace Caravan.Kernels;

/// <summary>
/// Every dense kernel at one width, on one <see cref="WorkerPool"/>. All matrices are row-major and contiguous; lengths are checked by the caller.
/// A kernel is declared here and written once over the width in <see cref="KernelSet{TLanes}"/>, one file per kernel.
/// </summary>
internal abstract partial class KernelSet : IDisposable
{
    private protected KernelSet(WorkerPool workers) => Workers = workers;

    /// <summary>The threads that share every kernel.</summary>
    public WorkerPool Workers { get; }

    /// <summary>The kernels for an instruction set. The one place where the width is chosen.</summary>
    /// <exception cref="CaravanException">This processor has not got the instruction set.</exception>
    public static KernelSet For(InstructionSet set, WorkerPool workers)
    {
        if (!Cpu.IsSupported(set)) throw new CaravanException($"This processor does not support {set}; it supports {string.Join(", ", Cpu.Supported)}.");
        return set switch
        {
            InstructionSet.Avx512 => new KernelSet<Lanes16>(workers, IntegerKernels.For(set)),
            InstructionSet.Avx2 => new KernelSet<Lanes8>(workers, IntegerKernels.For(set)),
            InstructionSet.Vector128 => new KernelSet<Lanes4>(workers, IntegerKernels.For(set)),
            _ => new KernelSet<Lanes1>(workers, IntegerKernels.For(set)),
        };
    }

    /// <summary>Frees what the kernels keep between calls; the workers stay the caller's.</summary>
    public abstract void Dispose();
}

/// <summary>The kernels compiled for registers of <typeparamref name="TLanes"/>.</summary>
internal sealed unsafe partial class KernelSet<TLanes> : KernelSet
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Elements a thread should get at least, so that sharing costs less than it saves.</summary>
    private const long ElementsPerPiece = 16_384;

    private readonly IntegerMatMul integerMatMul;

    public KernelSet(WorkerPool workers, IntegerKernels integerKernels)
        : base(workers)
    {
        integerMatMul = new IntegerMatMul(workers, integerKernels);
        packedRows = new PackedRows<TLanes>(workers);
        foreach (QuantFormat format in QuantFormats.All) matMuls[(int)format.DType] = format.MatMulFor<TLanes>(workers);
    }

    public override void Dispose()
    {
        integerMatMul.Dispose();
        partials?.Dispose();
        packedRows.Dispose();
    }

    /// <summary>Rows per piece for kernels that work on rows of <paramref name="columns"/> elements.</summary>
    internal static long RowGrain(long columns) => Math.Max(1, ElementsPerPiece / Math.Max(1, columns));
}
