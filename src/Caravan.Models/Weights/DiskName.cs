namespace Caravan.Models;

/// <summary>Where a weight lies in a checkpoint.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Weight">The weight that is looked for.</param>
/// <param name="Stored">How it is kept there.</param>
internal readonly record struct DiskName(string Name, WeightName Weight, StoredWeight Stored)
{
    /// <summary>Which matrix of a stack of them; null for the whole tensor.</summary>
    public int? Slice => (Stored.Rows is null || Stored.Stacked) && !Stored.Name.Contains(WeightName.ExpertMark, StringComparison.Ordinal) ? Weight.Expert : null;

    /// <summary>Into how many parts of several rows the tensor falls; null where its outermost dimension counts the matrices of a stack.</summary>
    public int? PartsIn(StackSpec? spec) => Stored.Flat ? spec!.LayerOf(Weight).ChannelMixer.Experts : null;

    /// <summary>Which rows of the tensor; null for all.</summary>
    public RowRuns? RowsIn(StackSpec? spec) => Stored.Rows is not { } rows ? null
        : spec is null ? throw new InvalidOperationException($"Which rows of '{Name}' are '{Weight.Template}' depends on a specification that is not known yet.")
        : rows(spec.LayerOf(Weight), Weight.Expert ?? 0);
}
