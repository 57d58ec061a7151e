using System.Diagnostics;
using Caravan.Kernels;

namespace Caravan.Bench;

/// <summary>Attention of one layer over pages: a whole prompt, or one new token behind a context that no cache holds.</summary>
internal sealed class AttentionBench : IDisposable
{
    private const long FarBeyondCaches = 192L << 20;

    private readonly KernelSet kernels;
    private readonly NativeBuffer queries, output, pool, table, segment;
    private readonly int copies;
    private readonly long copyBytes;
    private int next;

    public AttentionBench(KernelSet kernels, AttentionShape shape, DType type, int tokens, bool decode)
    {
        this.kernels = kernels;
        (Shape, Type, Tokens, Decode) = (shape, type, tokens, decode);
        int pages = (tokens + KernelSet.PageTokens - 1) / KernelSet.PageTokens, rows = decode ? 1 : tokens;
        long half = type.Bytes((long)KernelSet.PageTokens * shape.KeyWidth);
        copyBytes = 2 * half * pages;
        copies = decode ? (int)Math.Max(1, FarBeyondCaches / copyBytes) : 1;
        pool = new NativeBuffer(copies * copyBytes);
        queries = new NativeBuffer((long)rows * shape.QueryWidth * sizeof(float));
        output = new NativeBuffer(queries.Length);
        table = new NativeBuffer(pages * sizeof(int));
        segment = new NativeBuffer(System.Runtime.CompilerServices.Unsafe.SizeOf<AttentionSegment>());
        segment.Bytes.Cast<AttentionSegment>()[0] = new AttentionSegment(0, rows, tokens);
        for (int i = 0; i < pages; i++) table.Bytes.Cast<int>()[i] = i;
        Random random = new(1);
        Fill(queries, random);
        using NativeBuffer keys = new((long)tokens * shape.KeyWidth * sizeof(float)), values = new(keys.Length);
        Fill(keys, random);
        Fill(values, random);
        using NativeBuffer rowPages = new(tokens * sizeof(int)), positions = new(tokens * sizeof(int));
        for (int i = 0; i < tokens; i++)
        {
            rowPages.Bytes.Cast<int>()[i] = i / KernelSet.PageTokens;
            positions.Bytes.Cast<int>()[i] = i;
        }

        for (int copy = 0; copy < copies; copy++)
        {
            kernels.StoreRows(
                shape, keys.Bytes.Cast<float>(), values.Bytes.Cast<float>(), rowPages.Bytes.Cast<int>(), positions.Bytes.Cast<int>(), Pages(copy));
        }
    }

    public AttentionShape Shape { get; }

    public DType Type { get; }

    public int Tokens { get; }

    public bool Decode { get; }

    /// <summary>Bytes of keys and values that a call reads.</summary>
    public long Bytes => 2 * Type.Bytes((long)Tokens * Shape.KeyWidth);

    /// <summary>Multiplications and additions that the definition needs: two products of the head size for each pair that sees each other.</summary>
    public double Operations => 4.0 * Shape.HeadSize * Shape.Heads * (Decode ? Tokens : Tokens * (Tokens + 1.0) / 2);

    /// <summary>Seconds per call.</summary>
    public double Time()
    {
        Call();
        int calls = 0;
        long start = Stopwatch.GetTimestamp();
        double seconds;
        do
        {
            Call();
            calls++;
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (seconds < 0.04);
        return seconds / calls;
    }

    public void Dispose()
    {
        foreach (NativeBuffer buffer in (NativeBuffer[])[queries, output, pool, table, segment]) buffer.Dispose();
    }

    private void Call()
    {
        next = (next + 1) % copies;
        kernels.Attention(
            Shape, segment.Bytes.Cast<AttentionSegment>(), queries.Bytes.Cast<float>(), Pages(next), table.Bytes.Cast<int>(), output.Bytes.Cast<float>());
    }

    private LayerPages Pages(int copy)
    {
        long half = Type.Bytes((long)KernelSet.PageTokens * Shape.KeyWidth);
        NativeSpan<byte> bytes = pool.Bytes.Slice(copy * copyBytes, copyBytes);
        return new LayerPages(Type, bytes, bytes.Slice(half), 2 * half);
    }

    private static void Fill(NativeBuffer buffer, Random random)
    {
        foreach (ref float value in buffer.Bytes.Cast<float>().AsSpan()) value = (float)(random.NextDouble() - 0.5);
    }
}
