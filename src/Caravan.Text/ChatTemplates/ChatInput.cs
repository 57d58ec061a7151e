using System.Text.Json;

namespace Caravan.Text;

/// <summary>What a chat template renders.</summary>
internal sealed record ChatInput
{
    /// <summary>An array of messages: objects with <c>role</c>, <c>content</c> and what else the template reads.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>An array of descriptions of functions that the model may call; undefined in the template when absent.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>An array of documents that the answer is to rest on; undefined in the template when absent.</summary>
    public JsonElement? Documents { get; init; }

    /// <summary>Whether the text ends where the model's answer begins.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Further variables: <c>bos_token</c>, <c>eos_token</c>, <c>enable_thinking</c> and what else the template reads.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Gives the local time to templates that write the date.</summary>
    public Func<DateTime> Clock { get; init; } = () => DateTime.Now;
}
