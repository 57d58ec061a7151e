using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Learned biases by distance: distances −(longest − 1) … 0, or … longest − 1 where queries see keys after them. Behind these, for each part of a
/// sequence that has queries in the batch, the biases to all of the sequence's keys, by how their parts lie to that one.
/// </summary>
/// <param name="spec">Which distances share a bias.</param>
/// <param name="weight">[buckets, heads]</param>
internal sealed class RelativeBiasTable(RelativeBiasSpec spec, Tensor weight) : BiasTable
{
    /// <summary>The buckets of all distances that have different ones, from −<see cref="Reach"/> to it.</summary>
    private readonly int[] buckets = [.. Enumerable.Range(-Reach(spec), (2 * Reach(spec)) + 1).Select(spec.BucketOf)];

    public override LayerBias Fill(Pass pass, Batch batch, int longest)
    {
        int distances = spec.Bidirectional ? (2 * longest) - 1 : longest, reach = Reach(spec);
        NativeSpan<BiasPart> parts = batch.HasParts ? pass.Workspace.Take<BiasPart>(batch.Count) : default;
        NativeSpan<int> rows = pass.Workspace.Take<int>(distances + Apart(batch, distances, parts, default));
        for (int i = 0; i < distances; i++) rows[i] = buckets[Math.Clamp(i - (longest - 1), -reach, reach) + reach];
        Apart(batch, distances, parts, rows);
        Tensor table = Scale.Forward(pass, Transpose.Forward(pass, Embedding.Forward(pass, weight, rows.AsSpan())), spec.Factor);
        return new LayerBias(new AttentionBias(table.Floats, rows.Length, longest - 1) { Parts = parts }, table);
    }

    /// <summary>Says for each query which part it is in and where the biases to other parts are, and, with rows, which weights these are.</summary>
    /// <returns>How many such biases there are.</returns>
    private int Apart(Batch batch, int first, NativeSpan<BiasPart> parts, NativeSpan<int> rows)
    {
        int next = first;
        for (int i = 0; i < batch.Sequences && parts.Length > 0; i++)
        {
            (AttentionSegment segment, SequenceParts? sequence) = (batch.Segments[i], batch.Parts[i]);
            for (int query = 0; query < segment.QueryCount;)
            {
                int position = segment.KeyCount - segment.QueryCount + query, part = sequence?.PartAt(position) ?? 0;
                (int from, int end) = sequence?.RangeOf(part) ?? (0, int.MaxValue);
                for (; query < segment.QueryCount && segment.KeyCount - segment.QueryCount + query < end; query++)
                    parts[segment.QueryStart + query] = new BiasPart(from, end, next);
                if (sequence is null) continue;
                if (rows.Length > 0) Relate(sequence, part, rows.Slice(next, segment.KeyCount));
                next += segment.KeyCount;
            }
        }

        return next - first;
    }

    /// <summary>The weights of the biases from one part to each key; to those of its own, which are never asked for, some.</summary>
    private void Relate(SequenceParts sequence, int part, NativeSpan<int> rows)
    {
        for (int other = 0; other < sequence.Count; other++)
        {
            (int from, int end) = sequence.RangeOf(other);
            if (from >= rows.Length) return;
            int row = Math.Max(0, spec.Buckets + sequence.Relation(part, other) - 1);
            for (long key = from; key < Math.Min(end, rows.Length); key++) rows[key] = row;
        }
    }

    private static int Reach(RelativeBiasSpec spec) => Math.Max(spec.MaxDistance, spec.Buckets);
}
