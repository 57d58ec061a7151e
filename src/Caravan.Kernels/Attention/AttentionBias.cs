namespace Caravan.Kernels;

/// <summary>
/// What is added to the products of queries and keys by their places: for head h the query at position i and the key at position j meet
/// <c>Table[h · Stride + Origin + j − i]</c>, or <c>… + j]</c> where only the key's place counts. Where sequences are made of parts this holds
/// inside a part; a key of another part than the query's meets <c>Table[h · Stride + Apart + j]</c>.
/// </summary>
/// <param name="Table">[heads, Stride], with an entry for all pairs of a query and a key it sees; empty for no bias.</param>
/// <param name="Stride">Floats per head.</param>
/// <param name="Origin">The place of distance 0, or of key 0.</param>
/// <param name="ByKey">Whether only the key's place counts.</param>
internal readonly record struct AttentionBias(NativeSpan<float> Table, long Stride, long Origin, bool ByKey = false)
{
    /// <summary>Whether nothing is added.</summary>
    public bool IsEmpty => Table.Length == 0;

    /// <summary>For each row of the queries the part of its sequence that it is in; empty where sequences have no parts.</summary>
    public NativeSpan<BiasPart> Parts { get; init; }

    /// <summary>Where the biases of a head's query begin in the table, or in one like it, at the place of key 0.</summary>
    /// <param name="head">The head.</param>
    /// <param name="row">The query's row.</param>
    /// <param name="position">The query's position in its sequence.</param>
    internal BiasRow Row(int head, long row, int position)
    {
        BiasPart part = Parts.Length == 0 ? BiasPart.Whole : Parts[row];
        long start = head * Stride;
        return new BiasRow(start + Origin - (ByKey ? 0 : position), start + part.Apart, part.First, part.End);
    }
}
