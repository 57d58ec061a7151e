namespace Caravan.Kernels;

/// <summary>What one operator keeps of every sequence: the part of slot s begins at element s · Stride.</summary>
/// <param name="Memory">From the operator's part of slot 0 on; empty where nothing is kept.</param>
/// <param name="Stride">Floats from one slot to the next.</param>
internal readonly record struct StateSlots(NativeSpan<float> Memory, long Stride)
{
    /// <summary>The same slots from a later element on: the part of another operator.</summary>
    public StateSlots From(long offset) => Memory.Length == 0 ? this : this with { Memory = Memory.Slice(offset) };

    /// <summary>How many slots have room for a part of <paramref name="floats"/> elements.</summary>
    public long Count(long floats) => Memory.Length < floats || Stride == 0 ? 0 : ((Memory.Length - floats) / Stride) + 1;

    /// <summary>Where the state of a sequence lies; null where none is kept.</summary>
    internal unsafe float* Of(in SequenceRows rows) => Memory.Length == 0 || rows.Slot < 0 ? null : Memory.Pointer + (rows.Slot * Stride);
}
