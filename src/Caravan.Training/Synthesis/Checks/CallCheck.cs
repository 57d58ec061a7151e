using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Text;

namespace Caravan.Training.Synthesis;

/// <summary>The answer is one call of this function with these arguments.</summary>
internal sealed record CallCheck(string Name, string Arguments) : Check
{
    /// <inheritdoc/>
    protected override bool IsRight(string said)
    {
        ToolCallReader reader = new(ToolSyntax.Usual, []);
        ToolCall[] calls = [.. reader.Push(said).Calls, .. reader.Finish().Calls];
        return calls is [ToolCall call] && call.Name == Name && JsonNode.DeepEquals(JsonNode.Parse(call.Arguments), JsonNode.Parse(Arguments));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("call");
        writer.WriteString("name", Name);
        writer.WritePropertyName("arguments");
        writer.WriteRawValue(Arguments);
        writer.WriteEndObject();
    }
}
