namespace Caravan.Inference;

/// <summary>A request was refused because too many wait, or because the engine is ending; the same request may succeed later.</summary>
/// <param name="message">The sentence.</param>
/// <param name="isEnding">Whether the engine is ending, so that another one has to be asked.</param>
public sealed class EngineBusyException(string message, bool isEnding) : CaravanException(message)
{
    /// <summary>Whether the engine is ending, so that another one has to be asked.</summary>
    public bool IsEnding { get; } = isEnding;
}
