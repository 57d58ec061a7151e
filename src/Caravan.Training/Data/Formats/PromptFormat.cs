using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>Questions for the model to answer, with whatever rewards look at: a reference answer, tests.</summary>
internal sealed class PromptFormat : SampleFormat
{
    /// <inheritdoc/>
    public override string Name => "prompt";

    /// <inheritdoc/>
    public override string Fields => "prompt, and what rewards look at (answer, tests)";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Find("prompt", "question") is not null;

    /// <inheritdoc/>
    public override Sample Read(RecordField record)
    {
        string name = record.Has("prompt") ? "prompt" : "question";
        JsonObject fields = (JsonObject)record.Node()!.DeepClone();
        fields.Remove(name);
        return new PromptSample(Passage.Read(record.Required(name)), fields, record.Origin);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample)
    {
        if (sample is not PromptSample prompt) return null;
        JsonObject record = new() { ["prompt"] = prompt.Prompt.Node() };
        foreach ((string name, JsonNode? value) in prompt.Fields) record[name] = value?.DeepClone();
        return [record];
    }
}
