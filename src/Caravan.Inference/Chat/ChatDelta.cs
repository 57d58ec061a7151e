using Caravan.Text;

namespace Caravan.Inference;

/// <summary>A piece of an answer.</summary>
/// <param name="Text">Text that goes on; may be empty.</param>
/// <param name="Calls">Functions that the model wants called, whole.</param>
/// <param name="Token">The token behind it; null for what comes out at the end.</param>
/// <param name="Alternatives">The most probable tokens at this place, as many as were asked for.</param>
internal readonly record struct ChatDelta(string Text, IReadOnlyList<IdentifiedCall> Calls, GeneratedToken? Token, IReadOnlyList<TokenLogProbability> Alternatives);

/// <summary>A call by which its answer can refer to it.</summary>
/// <param name="Index">How many came before it in this answer.</param>
/// <param name="Id">What it is called.</param>
/// <param name="Call">What is to be called.</param>
internal sealed record IdentifiedCall(int Index, string Id, ToolCall Call);
