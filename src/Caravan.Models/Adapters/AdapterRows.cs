namespace Caravan.Models;

/// <summary>What the linear layers of a stack know of the batch in progress; the layer that runs sets it, when it is computed again too.</summary>
internal sealed class AdapterRows
{
    /// <summary>Which adapters the rows pass through.</summary>
    public BatchAdapters Current { get; set; } = BatchAdapters.None;
}
