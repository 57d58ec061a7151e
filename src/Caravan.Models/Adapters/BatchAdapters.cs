using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// Which of the attached adapters each row of a batch passes through: none, one for all, or several, whose rows are gathered
/// (Chen et al. 2023, "Punica"; Sheng et al. 2023, "S-LoRA").
/// </summary>
/// <param name="Slot">The adapter of all rows; −1 where there is none, or <paramref name="Groups"/> says more.</param>
/// <param name="Groups">The rows of each adapter where they differ; rows without an adapter are in no group.</param>
/// <param name="Rows">The row numbers that groups cut from.</param>
/// <param name="Count">Number of rows of the batch.</param>
internal readonly record struct BatchAdapters(int Slot, NativeSpan<AdapterGroup> Groups, NativeSpan<int> Rows, int Count)
{
    /// <summary>No adapter at all.</summary>
    public static BatchAdapters None { get; } = new(-1, default, default, 0);

    /// <summary>Whether any row passes through an adapter.</summary>
    public bool Any => Slot >= 0 || Groups.Length > 0;

    /// <summary>Reads a batch; what it finds lives in the pass's workspace.</summary>
    public static BatchAdapters Of(Pass pass, Batch batch)
    {
        int first = batch.Adapters.Length == 0 ? -1 : batch.Adapters[0];
        if (batch.Adapters.IndexOfAnyExcept(first) < 0) return new BatchAdapters(first, default, default, batch.Count);
        NativeSpan<AdapterGroup> groups = pass.Workspace.Take<AdapterGroup>(batch.Sequences);
        NativeSpan<int> rows = pass.Workspace.Take<int>(batch.Count);
        int count = 0, next = 0;
        for (int i = 0; i < batch.Sequences; i++)
        {
            int slot = batch.Adapters[i];
            if (slot < 0 || batch.Adapters[..i].Contains(slot)) continue;
            int start = next;
            for (int sequence = i; sequence < batch.Sequences; sequence++)
            {
                if (batch.Adapters[sequence] != slot) continue;
                for (int row = 0; row < batch.Segments[sequence].QueryCount; row++) rows[next++] = batch.Segments[sequence].QueryStart + row;
            }

            groups[count++] = new AdapterGroup(slot, start, next - start);
        }

        return new BatchAdapters(-1, groups.Slice(0, count), rows, batch.Count);
    }

    /// <summary>The rows of a group, ascending.</summary>
    public NativeSpan<int> RowsOf(AdapterGroup group) => Rows.Slice(group.Start, group.Count);
}
