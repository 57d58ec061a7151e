using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>The linear biases of a batch, one table for each distinct set of slopes of a model.</summary>
internal sealed class BiasTables
{
    private readonly AlibiSpec[] specs;
    private readonly AttentionBias[] tables;

    public BiasTables(DecoderSpec spec)
    {
        specs = [.. spec.Layers.Select(layer => (layer.SequenceMixer as AttentionSpec)?.Alibi).OfType<AlibiSpec>().Distinct()];
        tables = new AttentionBias[specs.Length];
    }

    /// <summary>The biases of the batch last given to <see cref="Fill(Pass, Batch)"/>; nothing for layers without.</summary>
    public AttentionBias this[int table] => table < 0 ? default : tables[table];

    /// <summary>Number of the table of a layer; −1 for none.</summary>
    public int IndexOf(AlibiSpec? spec) => Array.IndexOf(specs, spec);

    /// <summary>Computes all tables for a batch, in the pass's workspace.</summary>
    public void Fill(Pass pass, Batch batch)
    {
        if (specs.Length == 0) return;
        int longest = 0;
        foreach (AttentionSegment segment in batch.Segments) longest = Math.Max(longest, segment.KeyCount);
        for (int table = 0; table < specs.Length; table++) tables[table] = Fill(pass, specs[table], longest);
    }

    /// <summary>Distances −(longest − 1) … 0 of key from query, or places 0 … longest − 1.</summary>
    private static AttentionBias Fill(Pass pass, AlibiSpec spec, int longest)
    {
        NativeSpan<float> biases = pass.Workspace.Rent(new Shape(spec.Slopes.Length, longest)).Floats;
        for (int head = 0; head < spec.Slopes.Length; head++)
        {
            Span<float> row = biases.AsSpan((long)head * longest, longest);
            float slope = spec.Slopes[head];
            for (int i = 0; i < longest; i++)
                row[i] = spec.RoundedToBFloat16 ? Rounded(Rounded(slope) * i) : slope * (i - (longest - 1));
        }

        return new AttentionBias(biases, longest, spec.RoundedToBFloat16 ? 0 : longest - 1, ByKey: spec.RoundedToBFloat16);
    }

    /// <summary>The nearest bfloat16, ties to even.</summary>
    private static float Rounded(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }
}
