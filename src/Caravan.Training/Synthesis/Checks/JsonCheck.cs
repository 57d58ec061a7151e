using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Training.Synthesis;

/// <summary>The answer is JSON and means the same: the order of keys and blanks do not count.</summary>
internal sealed record JsonCheck(string Json) : Check
{
    /// <inheritdoc/>
    public override bool Accepts(string answer)
    {
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(answer), JsonNode.Parse(Json));
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Whether an answer is JSON, whatever it says.</summary>
    public static bool IsJson(string answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("json");
        writer.WriteRawValue(Json);
    }
}
