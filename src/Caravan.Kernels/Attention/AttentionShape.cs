namespace Caravan.Kernels;

/// <summary>What one attention layer computes: softmax(scale · q·kᵀ over the visible keys) · v, heads in groups that share keys.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; divides <paramref name="Heads"/> (Ainslie et al. 2023, "GQA").</param>
/// <param name="HeadSize">Features per head.</param>
/// <param name="Scale">Factor of the scores, above 0, usually 1/√HeadSize.</param>
/// <param name="Window">
/// A query sees the keys less than this far away, so that many when it is causal, itself included, and as many to the other side when it is
/// not; 0 means all (Beltagy et al. 2020, "Longformer").
/// </param>
/// <param name="Causal">True hides the keys after a query.</param>
internal readonly record struct AttentionShape(int Heads, int KeyValueHeads, int HeadSize, float Scale, int Window = 0, bool Causal = true)
{
    /// <summary>Added to q·k before it is scaled; nothing by default.</summary>
    public AttentionBias Bias { get; init; }

    /// <summary>Scores s, bias included, become SoftCap · tanh(s / SoftCap) (Bello et al. 2016; Gemma 2); 0 leaves them.</summary>
    public float SoftCap { get; init; }

    /// <summary>Features per head of the values.</summary>
    public int ValueSize => HeadSize;

    /// <summary>Floats per key row: KeyValueHeads · HeadSize.</summary>
    public int KeyWidth => KeyValueHeads * HeadSize;

    /// <summary>Floats per query row: Heads · HeadSize.</summary>
    public int QueryWidth => Heads * HeadSize;

    /// <summary>First and one-past-last key that the query at a position of a sequence sees.</summary>
    public (int First, int End) Visible(int position, in AttentionSegment segment)
    {
        int reach = Causal ? 1 : Window, keyCount = segment.KeyCount;
        return (
            Window == 0 ? 0 : Math.Max(0, position - Window + 1),
            reach == 0 || reach >= keyCount - position ? keyCount : Math.Max(position + reach, Math.Min(segment.Prefix, keyCount)));
    }
}
