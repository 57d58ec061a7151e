using System.Text;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>An answer that is told when it is whole.</summary>
internal sealed class CollectedChat
{
    private readonly StringBuilder text = new();
    private readonly List<IdentifiedCall> calls = [];

    /// <summary>Its tokens' probabilities.</summary>
    public List<TokenProbability> Probabilities { get; } = [];

    /// <summary>Its text.</summary>
    public string Text => text.ToString();

    /// <summary>The functions that it wants called.</summary>
    public IReadOnlyList<IdentifiedCall> Calls => calls;

    /// <summary>The answer as OpenAI tells it: an answer of nothing but calls has no text.</summary>
    public ChatMessage Message => new(
        "assistant", calls.Count > 0 && string.IsNullOrWhiteSpace(Text) ? null : Text, ToolCalls: calls.Count == 0 ? null : [.. calls.Select(call => ChatCompletions.CallOf(call, null))]);

    /// <summary>Takes a piece.</summary>
    public void Add(in ChatDelta piece)
    {
        text.Append(piece.Text);
        calls.AddRange(piece.Calls);
    }
}
