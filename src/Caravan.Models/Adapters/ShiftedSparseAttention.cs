using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// LongLoRA's S²-attention (Chen et al. 2023, §3.2): while a model learns, half of the heads see groups of G tokens, the other half groups that begin
/// G/2 later, so that what one group knows reaches the next. The first G/2 tokens and what is left at the end are groups of the other half too: no
/// token sees one after it. A sequence of at most G tokens is one group for all heads.
/// </summary>
/// <param name="Straight">The groups of the first half of the heads.</param>
/// <param name="Shifted">Those of the second half.</param>
internal readonly record struct ShiftedSparseAttention(NativeSpan<AttentionSegment> Straight, NativeSpan<AttentionSegment> Shifted)
{
    /// <summary>Whether no sequence of the batch learns so.</summary>
    public bool IsEmpty => Straight.Length == 0;

    /// <summary>The groups of a batch; empty without a tape, and where no adapter of its sequences asks for groups.</summary>
    public static ShiftedSparseAttention Of(Pass pass, Batch batch, IReadOnlyList<Adapter?> adapters)
    {
        if (pass.Tape is null || batch.HasParts) return default;
        List<AttentionSegment> straight = [], shifted = [];
        bool any = false;
        for (int i = 0; i < batch.Sequences; i++)
        {
            AttentionSegment whole = batch.Segments[i];
            int group = batch.Adapters[i] < 0 ? 0 : adapters[batch.Adapters[i]]!.AttentionGroup;
            any |= group > 0;
            if (group == 0 || group >= whole.QueryCount) group = whole.QueryCount;
            AddGroups(straight, whole, group, group);
            AddGroups(shifted, whole, group < whole.QueryCount ? Math.Max(1, group / 2) : group, group);
        }

        return any ? new(Copy(pass, straight), Copy(pass, shifted)) : default;
    }

    /// <summary>What the queries gather in their groups.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="shape">Heads, scale and visibility.</param>
    /// <param name="queries">[N, heads · headSize] F32.</param>
    /// <param name="keys">[N, keyValueHeads · headSize] F32.</param>
    /// <param name="values">[N, keyValueHeads · headSize] F32.</param>
    /// <param name="bias">The tensor that holds the shape's table of biases, [heads, …]; null for fixed ones.</param>
    /// <returns>[N, heads · headSize] F32.</returns>
    public Tensor Forward(Pass pass, in AttentionShape shape, Tensor queries, Tensor keys, Tensor values, Tensor? bias)
    {
        if (shape.Heads == 1) return Attention.Forward(pass, shape, Straight, queries, keys, values, bias);
        // Heads that share keys stay together, unless all of them do.
        bool share = shape.KeyValueHeads == 1;
        int nearKeys = (shape.KeyValueHeads + 1) / 2, near = share ? (shape.Heads + 1) / 2 : nearKeys * (shape.Heads / shape.KeyValueHeads);
        HeadRange straight = new(0, near, 0, nearKeys), shifted = new(near, shape.Heads - near, share ? 0 : nearKeys, share ? 1 : shape.KeyValueHeads - nearKeys);
        return Interleave.Forward(
            pass, straight.Attend(pass, shape, Straight, queries, keys, values, bias), shifted.Attend(pass, shape, Shifted, queries, keys, values, bias),
            (long)straight.Heads * shape.HeadSize, (long)shifted.Heads * shape.HeadSize);
    }

    private static void AddGroups(List<AttentionSegment> groups, in AttentionSegment whole, int firstLength, int length)
    {
        for (int start = 0, count = firstLength; start < whole.QueryCount; start += count, count = length)
        {
            count = Math.Min(count, whole.QueryCount - start);
            groups.Add(new AttentionSegment(whole.QueryStart + start, count, count, whole.KeyStart + start, Prefix: Math.Clamp(whole.Prefix - start, 0, count)));
        }
    }

    private static NativeSpan<AttentionSegment> Copy(Pass pass, List<AttentionSegment> groups)
    {
        NativeSpan<AttentionSegment> copy = pass.Workspace.Take<AttentionSegment>(groups.Count);
        groups.CopyTo(copy.AsSpan());
        return copy;
    }

    /// <summary>Some heads that follow each other, and the heads of the keys that they see.</summary>
    private readonly record struct HeadRange(int First, int Heads, int FirstKey, int KeyHeads)
    {
        public Tensor Attend(Pass pass, in AttentionShape shape, NativeSpan<AttentionSegment> segments, Tensor queries, Tensor keys, Tensor values, Tensor? bias)
        {
            AttentionShape own = shape with { Heads = Heads, KeyValueHeads = KeyHeads };
            if (bias is not null) bias = Embedding.Forward(pass, bias, [.. Enumerable.Range(First, Heads)]);
            if (!shape.Bias.IsEmpty)
                own = own with { Bias = shape.Bias with { Table = bias?.Floats ?? shape.Bias.Table.Slice(First * shape.Bias.Stride, Heads * shape.Bias.Stride) } };
            return Attention.Forward(
                pass, own, segments, Part(pass, queries, First, Heads, shape.HeadSize), Part(pass, keys, FirstKey, KeyHeads, shape.HeadSize),
                Part(pass, values, FirstKey, KeyHeads, shape.HeadSize), bias);
        }

        private static Tensor Part(Pass pass, Tensor x, long first, long count, long size) => Columns.Forward(pass, x, first * size, count * size, x.Shape.Columns);
    }
}
