namespace Caravan.Kernels;

/// <summary>
/// Which block types have integer kernels, by instruction set. Without one (Vector128, so Arm too, and the scalar reference) weights are
/// decoded and multiplied in float.
/// </summary>
internal sealed unsafe class IntegerKernels
{
    /// <summary>Rows of activations from which unpacking a panel costs less than unpacking for every four rows.</summary>
    private const int PanelsPayFrom = 6;

    private readonly IntegerKernel?[] kernels = new IntegerKernel?[Enum.GetValues<DType>().Length];
    private readonly ChunkedKernel?[] back = new ChunkedKernel?[Enum.GetValues<DType>().Length];
    private readonly ChunkedKernel?[] forward = new ChunkedKernel?[Enum.GetValues<DType>().Length];
    private readonly InterleavedKernel?[] interleaved = new InterleavedKernel?[Enum.GetValues<DType>().Length];

    private IntegerKernels(params ReadOnlySpan<(DType Type, IntegerKernel Kernel)> entries)
    {
        foreach ((DType type, IntegerKernel kernel) in entries) kernels[(int)type] = kernel;
    }

    /// <summary>The kernel for weights of a type; null where there is none.</summary>
    public IntegerKernel? this[DType type] => kernels[(int)type];

    /// <summary>The kernel for weights of a type that were interleaved, and what interleaves them; null where there is none.</summary>
    public InterleavedKernel? Interleaved(DType type) => interleaved[(int)type];

    /// <summary>What leads gradients back through weights of a type; null where there is none.</summary>
    public ChunkedKernel? Back(DType type) => back[(int)type];

    /// <summary>What many rows meet weights of a type with where gradients will go back: of another rounding than <see cref="this"/>, and faster; null where there is none.</summary>
    public ChunkedKernel? Forward(DType type) => forward[(int)type];

    /// <summary>The kernels of an instruction set.</summary>
    public static IntegerKernels For(InstructionSet set) => set switch
    {
        InstructionSet.Avx512 => new IntegerKernels(
            Wide<Q4_0>(), Wide<Q4_1>(), Wide<Q5_0>(), Wide<Q5_1>(), Wide<Q8_0>(), Wide<Q2K>(), Wide<Q3K>(), Wide<Q4K>(), Wide<Q5K>(), Wide<Q6K>(),
            Wide<IQ4_NL>(), Wide<IQ4_XS>())
            .With<Q4_0>().With<Q8_0>().With<Q4K>().With<Q6K>()
            .WithNibbles<Q4_0>().WithNibbles<Q4_1>().WithDecoded<Q5_0>().WithDecoded<Q5_1>().WithDecoded<Q8_0>().WithDecoded<Q2K>()
            .WithDecoded<Q3K>().WithDecoded<Q4K>().WithDecoded<Q5K>().WithDecoded<Q6K>().WithDecoded<IQ4_NL>().WithDecoded<IQ4_XS>().WithDecoded<NF4>(),
        InstructionSet.Avx2 => new IntegerKernels(
            Narrow<Q4_0>(), Narrow<Q4_1>(), Narrow<Q5_0>(), Narrow<Q5_1>(), Narrow<Q8_0>(), Narrow<Q2K>(), Narrow<Q3K>(), Narrow<Q4K>(), Narrow<Q5K>(),
            Narrow<Q6K>(), Narrow<IQ4_NL>(), Narrow<IQ4_XS>()),
        _ => new IntegerKernels(),
    };

    private static (DType Type, IntegerKernel Kernel) Wide<TBlock>()
        where TBlock : struct, IUnpack512
    {
        delegate*<in IntegerPart, in QuantizedRows, long, long, float*, void> rowDots = &RowDots512<TBlock>.Multiply;
        return (TBlock.DType, new IntegerKernel(rowDots, HasTiles<TBlock>() ? &PanelProducts<TBlock>.Multiply : rowDots, PanelsPayFrom));
    }

    /// <summary>Codes of 8 bits have tiles with AVX-VNNI only.</summary>
    private static bool HasTiles<TBlock>()
        where TBlock : struct, IUnpack512 => !PanelProducts<TBlock>.Bytes || Cpu.HasAvxVnni;

    private IntegerKernels With<TBlock>()
        where TBlock : struct, IInterleave512
    {
        if (!HasTiles<TBlock>()) return this;
        delegate*<in IntegerPart, in QuantizedRows, long, long, float*, void> multiply = &InterleavedProducts<TBlock>.Multiply;
        interleaved[(int)TBlock.DType] = new InterleavedKernel(new IntegerKernel(multiply, multiply, 0), &Interleaver512<TBlock>.Move);
        return this;
    }

    private IntegerKernels WithDecoded<TBlock>()
        where TBlock : struct, IBlockFormat
    {
        if (!Cpu.HasAvxVnni) return this;
        back[(int)TBlock.DType] = ChunkedProducts<DecodedColumns<TBlock>>.Kernel;
        // Those that have integer kernels for few rows as well unpack faster there.
        if (kernels[(int)TBlock.DType] is null) forward[(int)TBlock.DType] = ChunkedProducts<DecodedRows<TBlock>>.Kernel;
        return this;
    }

    private IntegerKernels WithNibbles<TBlock>()
        where TBlock : struct, INibbles512
    {
        if (!Cpu.HasAvxVnni) return this;
        back[(int)TBlock.DType] = ChunkedProducts<NibbleColumns<TBlock>>.Kernel;
        forward[(int)TBlock.DType] = ChunkedProducts<NibbleRows<TBlock>>.Kernel;
        return this;
    }

    private static (DType Type, IntegerKernel Kernel) Narrow<TBlock>()
        where TBlock : struct, IUnpack256
    {
        delegate*<in IntegerPart, in QuantizedRows, long, long, float*, void> rowDots = &RowDots256<TBlock>.Multiply;
        return (TBlock.DType, new IntegerKernel(rowDots, rowDots, int.MaxValue));
    }
}
