namespace Caravan.Kernels;

/// <summary>
/// The part of a batch that belongs to one sequence: its queries see its own keys and no others.
/// Keys lie in pages of <see cref="KernelSet.PageTokens"/> rows; page j of the sequence is page <c>pageTable[PageStart + j]</c> of the key and
/// value buffers, or, where there is no page table, page j counted from row <see cref="KeyStart"/>.
/// </summary>
/// <param name="QueryStart">First row of its queries in the batch.</param>
/// <param name="QueryCount">Number of its queries.</param>
/// <param name="KeyCount">Number of its keys, those of the queries included; the last query stands at position KeyCount − 1.</param>
/// <param name="KeyStart">First row of its keys where there is no page table.</param>
/// <param name="PageStart">Its first entry in the page table.</param>
/// <param name="Prefix">Keys at the beginning that all its queries see, those before them too; 0 for none (Dong et al. 2019, "UniLM": a prefix LM).</param>
internal readonly record struct AttentionSegment(int QueryStart, int QueryCount, int KeyCount, int KeyStart = 0, int PageStart = 0, int Prefix = 0);
