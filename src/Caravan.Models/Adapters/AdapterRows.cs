using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// Which of the attached adapters each row of the batch in progress passes through: none, one for all, or several, whose rows are gathered
/// (Chen et al. 2023, "Punica"; Sheng et al. 2023, "S-LoRA").
/// </summary>
internal sealed class AdapterRows
{
    private readonly List<(int Slot, NativeSpan<int> Rows)> groups = [];

    /// <summary>The adapter of all rows; −1 for none.</summary>
    public int Slot { get; private set; } = -1;

    /// <summary>The rows of each adapter where they differ; empty where <see cref="Slot"/> says it all. Rows without an adapter are in no group.</summary>
    public IReadOnlyList<(int Slot, NativeSpan<int> Rows)> Groups => groups;

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Whether any row passes through an adapter.</summary>
    public bool Any => Slot >= 0 || groups.Count > 0;

    /// <summary>Reads a batch.</summary>
    public void Fill(Pass pass, Batch batch)
    {
        groups.Clear();
        Count = batch.Count;
        Slot = batch.Adapters.Length == 0 ? -1 : batch.Adapters[0];
        if (batch.Adapters.IndexOfAnyExcept(Slot) < 0) return;
        Slot = -1;
        foreach (int slot in batch.Adapters)
        {
            if (slot >= 0 && !Has(slot)) groups.Add((slot, RowsOf(pass, batch, slot)));
        }
    }

    private bool Has(int slot)
    {
        foreach ((int known, _) in groups)
            if (known == slot) return true;
        return false;
    }

    private static NativeSpan<int> RowsOf(Pass pass, Batch batch, int slot)
    {
        int count = 0, next = 0;
        for (int i = 0; i < batch.Sequences; i++)
            if (batch.Adapters[i] == slot) count += batch.Segments[i].QueryCount;
        NativeSpan<int> rows = pass.Workspace.Take<int>(count);
        for (int i = 0; i < batch.Sequences; i++)
        {
            if (batch.Adapters[i] != slot) continue;
            for (int row = 0; row < batch.Segments[i].QueryCount; row++) rows[next++] = batch.Segments[i].QueryStart + row;
        }

        return rows;
    }
}
