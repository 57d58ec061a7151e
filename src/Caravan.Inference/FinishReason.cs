namespace Caravan.Inference;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>A stop token was chosen, the grammar was complete, or the receiver ended it.</summary>
    Stop,

    /// <summary>The most tokens asked for, or the context, is reached.</summary>
    Length,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>Its time was over, in the queue or on the way; see <see cref="GenerationRequest.Timeout"/>.</summary>
    TimedOut,

    /// <summary>The model gave no usable numbers, or the grammar no way on; see <see cref="Generation.Failure"/>.</summary>
    Failed,
}
