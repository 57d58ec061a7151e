using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// The memory of a model's recurrent states: slots of a fixed size, each holding what all layers keep of one sequence. Which sequence owns which
/// slot is the caller's business; what a slot held before does not matter to a sequence that begins in it. The system commits the memory when it
/// is first written.
/// </summary>
internal sealed class SequenceStates : IDisposable
{
    private readonly NativeBuffer buffer;
    private readonly long[] offsets;
    private readonly DecoderSpec spec;
    private readonly long slotFloats;

    /// <summary>Memory for the states of <paramref name="slots"/> sequences of a model.</summary>
    /// <exception cref="CaravanException">Memory is short.</exception>
    public SequenceStates(DecoderSpec spec, int slots)
    {
        this.spec = spec;
        Count = slots;
        slotFloats = spec.StateSize;
        offsets = new long[spec.Layers.Length];
        for (int layer = 1; layer < offsets.Length; layer++) offsets[layer] = offsets[layer - 1] + spec.Layers[layer - 1].StateSize;
        buffer = new NativeBuffer(checked(slots * SlotBytes), clear: false);
    }

    /// <summary>Number of slots.</summary>
    public int Count { get; }

    /// <summary>Bytes of one slot; 0 for models that keep pages only.</summary>
    public long SlotBytes => slotFloats * sizeof(float);

    /// <summary>Frees the memory.</summary>
    public void Dispose() => buffer.Dispose();

    /// <summary>What a layer's sequence mixer keeps.</summary>
    internal StateSlots SequenceMixer(int layer) => Slots(offsets[layer], spec.Layers[layer].SequenceMixer.StateSize);

    /// <summary>What its channel mixer keeps.</summary>
    internal StateSlots ChannelMixer(int layer) =>
        Slots(offsets[layer] + spec.Layers[layer].SequenceMixer.StateSize, spec.Layers[layer].ChannelMixer.StateSize);

    private StateSlots Slots(long offset, int floats) => floats == 0 ? default : new(buffer.Bytes.Cast<float>().Slice(offset), slotFloats);
}
