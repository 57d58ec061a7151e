using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Learned biases by distance: distances −(longest − 1) … 0, or … longest − 1 where queries see keys after them.</summary>
/// <param name="spec">Which distances share a bias.</param>
/// <param name="weight">[buckets, heads]</param>
internal sealed class RelativeBiasTable(RelativeBiasSpec spec, Tensor weight) : BiasTable
{
    /// <summary>The buckets of all distances that have different ones, from −<see cref="Reach"/> to it.</summary>
    private readonly int[] buckets = [.. Enumerable.Range(-Reach(spec), (2 * Reach(spec)) + 1).Select(spec.BucketOf)];

    public override LayerBias Fill(Pass pass, int longest)
    {
        int count = spec.Bidirectional ? (2 * longest) - 1 : longest, reach = Reach(spec);
        NativeSpan<int> rows = pass.Workspace.Take<int>(count);
        for (int i = 0; i < count; i++) rows[i] = buckets[Math.Clamp(i - (longest - 1), -reach, reach) + reach];
        Tensor table = Scale.Forward(pass, Transpose.Forward(pass, Embedding.Forward(pass, weight, rows.AsSpan())), spec.Factor);
        return new LayerBias(new AttentionBias(table.Floats, count, longest - 1), table);
    }

    private static int Reach(RelativeBiasSpec spec) => Math.Max(spec.MaxDistance, spec.Buckets);
}
