using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>OpenAI's messages, with the functions that the model may call.</summary>
internal sealed class MessagesFormat : SampleFormat
{
    /// <inheritdoc/>
    public override string Name => "messages";

    /// <inheritdoc/>
    public override string Fields => "messages of role and content, tools";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Find("messages") is { IsList: true };

    /// <inheritdoc/>
    public override Sample Read(RecordField record) => new ConversationSample(MessageList.Read(record.Required("messages")), MessageList.Tools(record), record.Origin);

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample)
    {
        if (sample is not ConversationSample { Attributes: [] } conversation) return null;
        JsonObject record = new() { ["messages"] = conversation.Messages.DeepClone() };
        if (conversation.Tools is { } tools) record["tools"] = tools.DeepClone();
        return [record];
    }
}
