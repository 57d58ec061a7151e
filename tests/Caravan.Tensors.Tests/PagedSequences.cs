using Caravan.Kernels;
using Caravan.Tensors.Ops;

namespace Caravan.Tensors.Tests;

/// <summary>Two sequences whose attention is computed in one run, or chunk by chunk over pages.</summary>
internal sealed class PagedSequences : IDisposable
{
    private readonly AttentionShape shape;
    private readonly int[] lengths;
    private readonly float[][] queries, keys, values;
    private readonly int[][] pagesOf;
    private readonly NativeBuffer pool;
    private readonly LayerPages pages;

    public PagedSequences(AttentionShape shape, int[] lengths, Random random, DType type = DType.F32)
    {
        (this.shape, this.lengths) = (shape, lengths);
        queries = [.. lengths.Select(length => Numbers.Normal(random, length * shape.QueryWidth))];
        keys = [.. lengths.Select(length => Numbers.Normal(random, length * shape.KeyWidth))];
        values = [.. lengths.Select(length => Numbers.Normal(random, length * shape.KeyWidth))];
        int[] counts = [.. lengths.Select(length => (length + KernelSet.PageTokens - 1) / KernelSet.PageTokens)];
        int poolPages = counts.Sum() + 3;
        int[] numbers = [.. Enumerable.Range(0, poolPages)];
        random.Shuffle(numbers);
        pagesOf = [.. counts.Select((count, i) => numbers[counts[..i].Sum()..counts[..(i + 1)].Sum()])];

        // A page holds the keys and values of three layers; this is the middle one. All else is NaN.
        long half = type.Bytes(KernelSet.PageTokens * shape.KeyWidth), stride = 6 * half;
        pool = new NativeBuffer(poolPages * stride);
        pool.Bytes.AsSpan().Fill(0xFF);
        pages = new LayerPages(type, pool.Bytes.Slice(2 * half), pool.Bytes.Slice(3 * half), stride);
    }

    /// <summary>Rounds keys and values as pages of a type keep them: what those pages then must give is what rows of these numbers give.</summary>
    public void Round(DType type)
    {
        foreach (float[] row in (float[][])[.. keys, .. values])
        {
            using NativeBuffer floats = new(row.Length * sizeof(float)), blocks = new(type.Bytes(row.Length));
            row.CopyTo(floats.Bytes.Cast<float>().AsSpan());
            QuantFormats.Of(type).Encode(floats.Bytes.Cast<float>(), blocks.Bytes, row.Length);
            QuantFormats.Of(type).Decode(blocks.Bytes, floats.Bytes.Cast<float>());
            floats.Bytes.Cast<float>().AsSpan().CopyTo(row);
        }
    }

    public float[] Unpaged(Device device)
    {
        using Pass pass = new(device);
        int rows = lengths.Sum();
        Tensor y = Attention.Forward(
            pass, shape, FusedTests.Native(pass, AttentionCases.Segments(lengths)), Rent(pass, queries, rows), Rent(pass, keys, rows), Rent(pass, values, rows));
        return y.Floats.AsSpan().ToArray();
    }

    /// <summary>Each step takes so many tokens of both sequences; the second comes first in the batch.</summary>
    public float[] InChunks(Device device, (int First, int Second)[] steps)
    {
        float[][] results = [.. queries.Select(query => new float[query.Length])];
        int[] done = [0, 0];
        using Pass pass = new(device);
        foreach ((int first, int second) in steps)
        {
            int[] counts = [first, second];
            Tensor y = Step(pass, done, counts);
            int row = 0;
            foreach (int sequence in new[] { 1, 0 })
            {
                y.Floats.AsSpan((long)row * shape.QueryWidth, counts[sequence] * shape.QueryWidth)
                    .CopyTo(results[sequence].AsSpan(done[sequence] * shape.QueryWidth));
                row += counts[sequence];
                done[sequence] += counts[sequence];
            }

            pass.Reset();
        }

        Assert.Equal(lengths, done);
        return [.. results.SelectMany(result => result)];
    }

    public void Dispose() => pool.Dispose();

    private Tensor Step(Pass pass, int[] done, int[] counts)
    {
        int rows = counts.Sum();
        AttentionSegment[] segments =
        [
            new(0, counts[1], done[1] + counts[1], PageStart: pagesOf[0].Length),
            new(counts[1], counts[0], done[0] + counts[0], PageStart: 0),
        ];
        (int Sequence, int Position)[] tokens =
        [
            .. Enumerable.Range(done[1], counts[1]).Select(position => (1, position)),
            .. Enumerable.Range(done[0], counts[0]).Select(position => (0, position)),
        ];
        PageMap map = new(
            FusedTests.Native<int>(pass, [.. pagesOf[0], .. pagesOf[1]]),
            FusedTests.Native<int>(pass, [.. tokens.Select(token => pagesOf[token.Sequence][token.Position / KernelSet.PageTokens])]),
            FusedTests.Native<int>(pass, [.. tokens.Select(token => token.Position)]));
        return Attention.Forward(
            pass, shape, FusedTests.Native(pass, segments), Chunk(queries), Chunk(keys), Chunk(values), pages, map);

        Tensor Chunk(float[][] source)
        {
            int width = source[0].Length / lengths[0];
            float[] chosen = [.. tokens.SelectMany(token => source[token.Sequence][(token.Position * width)..((token.Position + 1) * width)])];
            return FusedTests.Rent(pass, chosen, rows, width);
        }
    }

    private static Tensor Rent(Pass pass, float[][] parts, int rows)
    {
        float[] all = [.. parts.SelectMany(part => part)];
        return FusedTests.Rent(pass, all, rows, all.Length / rows);
    }
}
