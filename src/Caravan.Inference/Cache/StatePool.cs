using Caravan.Models;

namespace Caravan.Inference;

/// <summary>Who owns which slot of recurrent states. Every running sequence has one, so that their number limits how many run at once.</summary>
internal sealed class StatePool : IDisposable
{
    private readonly Stack<int> free;

    public StatePool(DecoderSpec spec, int slots)
    {
        Memory = new SequenceStates(spec, slots);
        free = new Stack<int>(slots);
        for (int slot = slots - 1; slot >= 0; slot--) free.Push(slot);
    }

    /// <summary>The memory; of slots without size where a model keeps pages only.</summary>
    public SequenceStates Memory { get; }

    /// <summary>Slots that nobody owns.</summary>
    public int Available => free.Count;

    /// <summary>A slot for a sequence that begins.</summary>
    public int Take() => free.Pop();

    /// <summary>Gives a slot back.</summary>
    public void Release(int slot) => free.Push(slot);

    public void Dispose() => Memory.Dispose();
}
