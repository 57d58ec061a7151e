using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>Stanford Alpaca's instructions with an optional input and the answer (Taori et al. 2023); <c>system</c> may come with them.</summary>
internal sealed class AlpacaFormat : SampleFormat
{
    /// <inheritdoc/>
    public override string Name => "alpaca";

    /// <inheritdoc/>
    public override string Fields => "instruction, input, output";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Has("instruction") && record.Find("output", "response") is not null;

    /// <inheritdoc/>
    public override Sample Read(RecordField record)
    {
        string instruction = record.Required("instruction").Text(), input = record.Find("input", "context")?.Text() ?? "";
        JsonArray messages =
        [
            MessageList.Message("user", input.Length > 0 ? $"{instruction}\n\n{input}" : instruction),
            MessageList.Message("assistant", record.Required("output", "response").Text()),
        ];
        if (record.Find("system")?.Text() is { Length: > 0 } system) messages.Insert(0, MessageList.Message("system", system));
        return new ConversationSample(messages, null, record.Origin);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample)
    {
        if (sample is not ConversationSample { Tools: null, Attributes: [] } conversation) return null;
        List<JsonNode> messages = [.. conversation.Messages.Select(message => message!)];
        string? system = messages.Count > 0 && MessageList.IsPlain(messages[0], "system") ? MessageList.TextOf(messages[0]) : null;
        if (system is not null) messages.RemoveAt(0);
        if (messages.Count != 2 || !MessageList.IsPlain(messages[0], "user") || !MessageList.IsPlain(messages[1], "assistant")) return null;
        JsonObject record = new() { ["instruction"] = MessageList.TextOf(messages[0]), ["input"] = "", ["output"] = MessageList.TextOf(messages[1]) };
        if (system is not null) record["system"] = system;
        return [record];
    }
}
