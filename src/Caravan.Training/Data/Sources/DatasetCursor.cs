namespace Caravan.Training;

/// <summary>A place in the order of a <see cref="Dataset"/>, from which exactly the same samples follow; small, and written as JSON with checkpoints.</summary>
/// <param name="Drawn">Samples drawn so far.</param>
/// <param name="Mixes">The place in each mix.</param>
internal sealed record DatasetCursor(long Drawn, IReadOnlyList<MixCursor> Mixes);

/// <summary>A place in the order of one mix.</summary>
/// <param name="Epoch">Which pass over the records, from 0.</param>
/// <param name="First">Records before those that are in memory.</param>
/// <param name="Place">How many of those in memory were drawn.</param>
internal sealed record MixCursor(int Epoch, long First, int Place);
