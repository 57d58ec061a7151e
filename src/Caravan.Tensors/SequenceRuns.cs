using Caravan.Kernels;

namespace Caravan.Tensors;

/// <summary>The sequences of a batch and what an operator keeps of each.</summary>
/// <param name="Rows">The rows of each sequence, in order and without gaps.</param>
/// <param name="State">The operator's part of the state; nothing where sequences are whole.</param>
internal readonly record struct SequenceRuns(NativeSpan<SequenceRows> Rows, StateSlots State = default)
{
    /// <summary>The same with the part of the state that begins later.</summary>
    public SequenceRuns From(long offset) => this with { State = State.From(offset) };

    /// <summary>Fails unless the sequences cover the rows of a tensor, and their states, of so many floats each, are there.</summary>
    public void Require(string name, Pass pass, Tensor x, long stateFloats)
    {
        long rows = 0, slots = State.Count(stateFloats);
        bool kept = State.Memory.Length > 0;
        foreach (SequenceRows sequence in Rows.AsSpan())
        {
            ShapeGuard.Require(sequence.Start == rows && sequence.Count >= 0, $"{name}: {sequence} should start at row {rows}.");
            ShapeGuard.Require(
                kept ? sequence.Slot >= 0 && sequence.Slot < slots : sequence.Begins,
                $"{name}: {sequence} needs a state of {stateFloats} floats, but there are {slots}.");
            rows += sequence.Count;
        }

        ShapeGuard.Require(rows == x.Shape.Rows, $"{name}: sequences of {rows} rows in all do not cover {x}.");
        if (kept && pass.Tape is not null) throw new InvalidOperationException($"{name}: a tape follows whole sequences only, from no state to none.");
    }
}
