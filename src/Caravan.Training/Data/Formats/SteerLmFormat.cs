using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>Answers with ratings by name, as HelpSteer has them (SteerLM, Dong et al. 2023).</summary>
internal sealed class SteerLmFormat : SampleFormat
{
    /// <inheritdoc/>
    public override string Name => "steerlm";

    /// <inheritdoc/>
    public override string Fields => "prompt, response, and ratings such as helpfulness";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Has("prompt") && record.Has("response") && Ratings(record).Any();

    /// <inheritdoc/>
    public override Sample Read(RecordField record)
    {
        JsonArray messages = Passage.Read(record.Required("prompt")).AsMessages("user");
        messages.Add(MessageList.Message("assistant", record.Required("response").Text()));
        (string, double)[] ratings = [.. Ratings(record).Select(name => (name, record.Required(name).Number()))];
        return ratings.Length > 0
            ? new ConversationSample(messages, null, record.Origin) { Attributes = ratings }
            : throw record.Problem("has no ratings; fields with numbers were expected beside 'prompt' and 'response'.");
    }

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample)
    {
        if (sample is not ConversationSample { Tools: null, Attributes.Count: > 0, Messages.Count: > 1 } rated || !MessageList.IsPlain(rated.Messages[^1]!, "assistant")) return null;
        JsonArray before = MessageList.Copy(rated.Messages.SkipLast(1));
        JsonObject record = new()
        {
            ["prompt"] = before.Count == 1 && MessageList.IsPlain(before[0]!, "user") ? MessageList.TextOf(before[0]!) : before,
            ["response"] = MessageList.TextOf(rated.Messages[^1]!),
        };
        foreach ((string name, double value) in rated.Attributes) record[name] = value;
        return [record];
    }

    private static IEnumerable<string> Ratings(RecordField record) => record.Names.Where(name => record.Find(name) is { Kind: JsonValueKind.Number });
}
