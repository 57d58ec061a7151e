using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>A prompt or an answer: a bare text, or messages in OpenAI's shape.</summary>
internal sealed class Passage
{
    private readonly string? text;
    private readonly JsonArray? messages;

    private Passage(string? text, JsonArray? messages, JsonArray? tools = null) => (this.text, this.messages, Tools) = (text, messages, tools);

    /// <summary>The text; null where there are messages.</summary>
    public string? Text => text;

    /// <summary>The messages, not to be changed; null for a bare text.</summary>
    public JsonArray? Messages => messages;

    /// <summary>Functions that the one who answers may call, not to be changed; null for none.</summary>
    public JsonArray? Tools { get; }

    /// <summary>A bare text.</summary>
    public static Passage Of(string text) => new(text, null);

    /// <summary>Messages, and the functions that may be called in answer to them.</summary>
    public static Passage Of(JsonArray messages, JsonArray? tools = null) => new(null, messages, tools);

    /// <summary>A text, or a list of messages.</summary>
    /// <exception cref="CaravanException">The field is neither.</exception>
    public static Passage Read(RecordField field) => field.IsText ? Of(field.Text()) : field.IsList ? Of(MessageList.Read(field)) : throw field.Mismatch("a text or a list of messages");

    /// <summary>New messages with the same words; a bare text becomes one of that role.</summary>
    public JsonArray AsMessages(string role) => messages is not null ? (JsonArray)messages.DeepClone() : [MessageList.Message(role, text!)];

    /// <summary>As it is written to a file.</summary>
    public JsonNode Node() => messages?.DeepClone() ?? JsonValue.Create(text!);

    /// <summary>Every text in it with who says it.</summary>
    /// <param name="part">Who says a bare text.</param>
    /// <param name="all">Whether this also stands in the place of roles.</param>
    public IEnumerable<(string Part, string Text)> Texts(string part, bool all = false) =>
        messages is null ? [(part, text!)] : messages.Select(message => (all ? part : MessageList.RoleOf(message!), MessageList.TextOf(message!)));
}
