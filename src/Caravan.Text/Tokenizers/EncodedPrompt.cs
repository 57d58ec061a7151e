namespace Caravan.Text;

/// <summary>What a model continues.</summary>
/// <param name="Tokens">Token ids.</param>
/// <param name="Structured">What else there is to say of them where they are an object of texts; null for a text.</param>
internal sealed record EncodedPrompt(int[] Tokens, StructuredPrompt? Structured = null);
