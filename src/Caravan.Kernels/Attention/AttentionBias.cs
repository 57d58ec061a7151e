namespace Caravan.Kernels;

/// <summary>
/// What is added to the products of queries and keys by their places: for head h the query at position i and the key at position j meet
/// <c>Table[h · Stride + Origin + j − i]</c>, or <c>… + j]</c> where only the key's place counts.
/// </summary>
/// <param name="Table">[heads, Stride], with an entry for all pairs of a query and a key it sees; empty for no bias.</param>
/// <param name="Stride">Floats per head.</param>
/// <param name="Origin">The place of distance 0, or of key 0.</param>
/// <param name="ByKey">Whether only the key's place counts.</param>
internal readonly record struct AttentionBias(NativeSpan<float> Table, long Stride, long Origin, bool ByKey = false)
{
    /// <summary>Whether nothing is added.</summary>
    public bool IsEmpty => Table.Length == 0;

    /// <summary>The biases of a head's query, at the place of key 0.</summary>
    internal unsafe float* Row(int head, int position) => Table.Pointer + Place(head, position);

    /// <summary>Where in a table like this one the biases of a head's query begin, at the place of key 0.</summary>
    internal long Place(int head, int position) => (head * Stride) + Origin - (ByKey ? 0 : position);
}
