using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>
/// Pairs of a preferred and a rejected answer, as texts or as messages, in the keys of TRL, Anthropic's HH (where both repeat the whole dialogue),
/// UltraFeedback (with ratings) and Orca's pairs.
/// </summary>
internal sealed class PreferenceFormat : SampleFormat
{
    /// <inheritdoc/>
    public override string Name => "preference";

    /// <inheritdoc/>
    public override string Fields => "prompt, chosen, rejected, tools";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Has("chosen") && record.Has("rejected");

    /// <inheritdoc/>
    public override Sample Read(RecordField record)
    {
        Passage chosen = Answer(record.Required("chosen")), rejected = Answer(record.Required("rejected"));
        Passage? prompt = Prompt(record);
        JsonArray? tools = MessageList.Tools(record);
        if (tools is null && prompt is { Text: not null } && chosen.Text is not null && rejected.Text is not null)
            return new PreferenceSample(prompt, chosen, rejected, Margin(record), record.Origin);
        JsonArray better = chosen.AsMessages("assistant"), worse = rejected.AsMessages("assistant");
        JsonArray before = prompt?.AsMessages("user") ?? [];
        int shared = SharedMessages(better, worse);
        bool repeats = before.Count <= shared && Enumerable.Range(0, before.Count).All(i => JsonNode.DeepEquals(before[i], better[i]));
        if (repeats) before = [];
        foreach (JsonNode? message in better.Take(shared)) before.Add(message!.DeepClone());
        if (before.Count == 0) throw record.Problem("has no prompt: neither a field 'prompt' nor messages with which 'chosen' and 'rejected' both begin.");
        return new PreferenceSample(
            Passage.Of(before, tools), Passage.Of(MessageList.Copy(better.Skip(shared))), Passage.Of(MessageList.Copy(worse.Skip(shared))), Margin(record), record.Origin);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample)
    {
        if (sample is not PreferenceSample pair) return null;
        JsonObject record = new() { ["prompt"] = pair.Prompt.Node(), ["chosen"] = pair.Chosen.Node(), ["rejected"] = pair.Rejected.Node() };
        if (pair.Prompt.Tools is { } tools) record["tools"] = tools.DeepClone();
        if (pair.Margin is { } margin) record["margin"] = margin;
        return [record];
    }

    private static Passage Answer(RecordField field) => field.IsText && DialogueText.Parse(field.Text()) is { } messages ? Passage.Of(messages) : Passage.Read(field);

    private static Passage? Prompt(RecordField record)
    {
        if (record.Find("prompt", "question", "instruction") is not { } field) return null;
        Passage prompt = field.IsText && DialogueText.Parse(field.Text()) is { } dialogue ? Passage.Of(dialogue) : Passage.Read(field);
        if (record.Find("system")?.Text() is not { Length: > 0 } system) return prompt;
        JsonArray messages = prompt.AsMessages("user");
        messages.Insert(0, MessageList.Message("system", system));
        return Passage.Of(messages);
    }

    private static double? Margin(RecordField record) =>
        record.Find("margin")?.Number()
        ?? (record.Find("score_chosen", "chosen_score")?.Number() is { } better && record.Find("score_rejected", "rejected_score")?.Number() is { } worse ? better - worse : null);

    /// <summary>With how many messages both begin; the last of each is always its own.</summary>
    private static int SharedMessages(JsonArray better, JsonArray worse)
    {
        int most = Math.Min(better.Count, worse.Count) - 1, shared = 0;
        while (shared < most && JsonNode.DeepEquals(better[shared], worse[shared])) shared++;
        return shared;
    }
}
