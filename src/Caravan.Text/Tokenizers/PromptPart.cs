namespace Caravan.Text;

/// <summary>A name or a text of a <see cref="StructuredPrompt"/>.</summary>
/// <param name="Parent">The number of the part that it belongs to: a text's name, a name's object's name; −1 for the root.</param>
/// <param name="Depth">Steps from the root.</param>
internal readonly record struct PromptPart(int Parent, int Depth);
