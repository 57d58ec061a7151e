namespace Caravan.Kernels;

/// <summary>The rows of a batch through which the state of one sequence runs, in order.</summary>
/// <param name="Start">First row.</param>
/// <param name="Count">How many.</param>
/// <param name="Slot">Where the state is kept between batches; −1 for nowhere.</param>
/// <param name="Begins">Whether the first row is the first of its sequence: what the slot holds then is another sequence's.</param>
internal readonly record struct SequenceRows(int Start, int Count, int Slot = -1, bool Begins = true);
