using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>The biases of a batch, one table for each distinct bias of a stack of layers.</summary>
internal sealed class BiasTables
{
    private readonly BiasSpec[] specs;
    private readonly BiasTable[] tables;
    private readonly LayerBias[] biases;

    public BiasTables(StackSpec spec, WeightReader weights, string prefix)
    {
        specs = [.. spec.Layers.Select(layer => (layer.SequenceMixer as AttentionSpec)?.Bias).OfType<BiasSpec>().Distinct()];
        tables = [.. specs.Select(bias => bias.Build(weights, prefix))];
        biases = new LayerBias[specs.Length];
    }

    /// <summary>The biases of the batch last given to <see cref="Fill"/>; nothing for layers without.</summary>
    public LayerBias this[int table] => table < 0 ? default : biases[table];

    /// <summary>Number of the table of a layer; −1 for none.</summary>
    public int IndexOf(BiasSpec? spec) => Array.IndexOf(specs, spec);

    /// <summary>Computes all tables for a batch, in the pass's workspace.</summary>
    public void Fill(Pass pass, Batch batch)
    {
        if (specs.Length == 0) return;
        int longest = 0;
        foreach (AttentionSegment segment in batch.Segments) longest = Math.Max(longest, segment.KeyCount);
        for (int table = 0; table < tables.Length; table++) biases[table] = tables[table].Fill(pass, batch, longest);
    }
}
