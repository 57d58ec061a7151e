using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>What every layer of one forward pass shares: where rows belong, how their places enter, where their keys and states are kept.</summary>
internal readonly record struct ForwardContext(
    NativeSpan<AttentionSegment> Segments, BatchAngles Rotary, BatchBiases Biases, KeyValuePages? Pages, PageMap Map,
    NativeSpan<SequenceRows> Sequences, SequenceStates? States)
{
    /// <summary>The rows of an encoder, all sequences together, [M, D]; null where pages keep what was made of them, or there is none.</summary>
    public Tensor? Encoded { get; init; }

    /// <summary>For each sequence which of the encoder's rows, or of the pages, are its own.</summary>
    public NativeSpan<AttentionSegment> EncodedSegments { get; init; }

    /// <summary>Which adapters the rows pass through.</summary>
    public BatchAdapters Adapters { get; init; } = BatchAdapters.None;

    /// <summary>The rows of virtual tokens, an entry for each adapter that has some in the batch.</summary>
    public required PromptRows[] Prompts { get; init; }

    /// <summary>The groups that sequences attend in while they are learnt from; empty for all that they see.</summary>
    public ShiftedSparseAttention Sparse { get; init; }

    /// <summary>The sequences and what a layer's sequence mixer keeps of them.</summary>
    public SequenceRuns MixerRuns(int layer) => new(Sequences, States?.SequenceMixer(layer) ?? default);

    /// <summary>The same for its channel mixer.</summary>
    public SequenceRuns ChannelRuns(int layer) => new(Sequences, States?.ChannelMixer(layer) ?? default);
}
