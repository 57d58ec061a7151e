using System.Text.Json.Nodes;

namespace Caravan.Inference;

/// <summary>A conversation to answer.</summary>
internal sealed record ChatRequest
{
    /// <summary>Messages in OpenAI's shape: role, content (a text, or parts of type text and image_url), tool_calls, tool_call_id.</summary>
    public required JsonArray Messages { get; init; }

    /// <summary>Functions that the model may call, in OpenAI's shape; null or empty for none.</summary>
    public JsonArray? Tools { get; init; }

    /// <summary>Whether it calls them.</summary>
    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>Whether it may call several at once.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>Whether the answer goes on with the last message, the model's own, instead of following it.</summary>
    public bool ContinuesLast { get; init; }

    /// <summary>Everything else; its prompt is made of the messages.</summary>
    public TextRequest Text { get; init; } = new() { Prompt = "" };
}
