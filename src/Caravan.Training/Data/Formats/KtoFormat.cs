using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>Answers with a label that says whether they are wanted (Ethayarajh et al. 2024, TRL's keys).</summary>
internal sealed class KtoFormat : SampleFormat
{
    /// <inheritdoc/>
    public override string Name => "kto";

    /// <inheritdoc/>
    public override string Fields => "prompt, completion, label";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Has("prompt") && record.Has("completion") && record.Has("label");

    /// <inheritdoc/>
    public override Sample Read(RecordField record) => new LabelledSample(
        Passage.Read(record.Required("prompt")), Passage.Read(record.Required("completion")), record.Required("label").Truth(), record.Origin);

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample) => sample switch
    {
        LabelledSample labelled => [Record(labelled.Prompt, labelled.Completion, labelled.Desirable)],
        // A pair is one wanted and one unwanted answer.
        PreferenceSample { Margin: null } pair => [Record(pair.Prompt, pair.Chosen, true), Record(pair.Prompt, pair.Rejected, false)],
        _ => null,
    };

    private static JsonObject Record(Passage prompt, Passage completion, bool label) => new() { ["prompt"] = prompt.Node(), ["completion"] = completion.Node(), ["label"] = label };
}
