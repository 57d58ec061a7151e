using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>A prompt with several answers and their ratings (RRHF, Yuan et al. 2023).</summary>
internal sealed class RankedFormat : SampleFormat
{
    /// <inheritdoc/>
    public override string Name => "ranked";

    /// <inheritdoc/>
    public override string Fields => "prompt, responses, scores";

    /// <inheritdoc/>
    public override bool Fits(RecordField record) => record.Find("responses") is { IsList: true } && record.Find("scores") is { IsList: true };

    /// <inheritdoc/>
    public override Sample Read(RecordField record)
    {
        Passage[] responses = [.. record.Required("responses").Items().Select(Passage.Read)];
        double[] scores = [.. record.Required("scores").Items().Select(score => score.Number())];
        if (responses.Length != scores.Length) throw record.Problem($"has {responses.Length} responses and {scores.Length} scores; a score for each response was expected.");
        if (responses.Length < 2) throw record.Problem("has fewer than two responses, which leaves nothing to rank.");
        return new RankedSample(Passage.Read(record.Required("prompt", "query")), responses, scores, record.Origin);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<JsonObject>? Write(Sample sample) => sample is not RankedSample ranked
        ? null
        : [new JsonObject
        {
            ["prompt"] = ranked.Prompt.Node(),
            ["responses"] = new JsonArray([.. ranked.Responses.Select(response => response.Node())]),
            ["scores"] = new JsonArray([.. ranked.Scores.Select(score => JsonValue.Create(score))]),
        }];
}
