using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>Plain texts, as pretraining has them.</summary>
internal sealed class TextFormat : SampleFormat
{
    /// <inheritdoc/>
    public override string Name => "text";

    /// <inheritdoc/>
    public override string Fields => "text";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Find("text", "content") is { IsText: true };

    /// <inheritdoc/>
    public override Sample Read(RecordField record) => new TextSample(record.Required("text", "content").Text(), record.Origin);

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample) => sample is TextSample text ? [new JsonObject { ["text"] = text.Text }] : null;
}
