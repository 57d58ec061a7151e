using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>The biases of a batch, one table for each distinct bias of a stack of layers.</summary>
internal sealed class BiasTables
{
    private readonly BiasSpec[] specs;
    private readonly BiasTable[] tables;
    private readonly BatchBiases lent;

    public BiasTables(StackSpec spec, WeightReader weights, string prefix)
    {
        specs = [.. spec.Layers.Select(layer => (layer.SequenceMixer as AttentionSpec)?.Bias).OfType<BiasSpec>().Distinct()];
        tables = [.. specs.Select(bias => bias.Build(weights, prefix))];
        lent = new BatchBiases(new LayerBias[specs.Length]);
    }

    /// <summary>Number of the table of a layer; −1 for none.</summary>
    public int IndexOf(BiasSpec? spec) => Array.IndexOf(specs, spec);

    /// <summary>The tables for a batch, in the pass's workspace; without a tape they are lent until the next batch, so that nothing is allocated.</summary>
    public BatchBiases Fill(Pass pass, Batch batch)
    {
        BatchBiases filled = pass.Tape is null || specs.Length == 0 ? lent : new BatchBiases(new LayerBias[specs.Length]);
        int longest = 0;
        foreach (AttentionSegment segment in batch.Segments) longest = Math.Max(longest, segment.KeyCount);
        for (int table = 0; table < tables.Length; table++) filled.Biases[table] = tables[table].Fill(pass, batch, longest);
        return filled;
    }
}
