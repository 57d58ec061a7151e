namespace Caravan.Models;

/// <summary>The rows of a batch that pass through one adapter.</summary>
/// <param name="Slot">The adapter's slot.</param>
/// <param name="Start">Where its row numbers begin among those of all groups.</param>
/// <param name="Count">How many rows.</param>
internal readonly record struct AdapterGroup(int Slot, int Start, int Count);
