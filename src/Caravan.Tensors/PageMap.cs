using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>Where the tokens of a batch live in the pages of keys and values; the same for every layer.</summary>
/// <param name="Table">The page numbers of all sequences of the batch, one after the other; a segment's PageStart points into it.</param>
/// <param name="RowPages">For each row of the batch, the page that takes its key and value.</param>
/// <param name="Positions">For each row of the batch, its position in its sequence.</param>
internal readonly record struct PageMap(NativeSpan<int> Table, NativeSpan<int> RowPages, NativeSpan<int> Positions);
