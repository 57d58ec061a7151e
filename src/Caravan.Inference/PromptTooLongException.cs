namespace Caravan.Inference;

/// <summary>A prompt does not fit the context, or what the engine keeps of it.</summary>
/// <param name="message">The sentence.</param>
internal sealed class PromptTooLongException(string message) : CaravanException(message);
