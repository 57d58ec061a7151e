using System.Text.Json;
using System.Text.Json.Nodes;

namespace Caravan.Training.Synthesis;

/// <summary>The answer is JSON and means the same: the order of keys and blanks do not count.</summary>
internal sealed record JsonCheck(string Json) : Check
{
    private const int LongestText = 60;

    /// <inheritdoc/>
    protected override bool IsRight(string said)
    {
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(said), JsonNode.Parse(Json));
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// The schema of what is asked for, as a program that wants it would give it: the object's fields, each a text, a number or null; nothing of what is in them. Of what is no
    /// object: any JSON.
    /// </summary>
    public string Schema()
    {
        if (JsonNode.Parse(Json) is not JsonObject asked) return "{}";
        JsonObject fields = [];
        foreach ((string name, _) in asked)
            fields[name] = new JsonObject { ["type"] = new JsonArray("string", "number", "null"), ["maxLength"] = LongestText };
        return new JsonObject
        {
            ["type"] = "object", ["properties"] = fields, ["required"] = new JsonArray([.. fields.Select(field => JsonValue.Create(field.Key))]), ["additionalProperties"] = false,
        }.ToJsonString();
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
