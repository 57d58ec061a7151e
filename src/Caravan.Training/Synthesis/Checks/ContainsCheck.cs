using System.Text.Json;

namespace Caravan.Training.Synthesis;

/// <summary>The answer has all of these texts, large or small.</summary>
internal sealed record ContainsCheck(params IReadOnlyList<string> Texts) : Check
{
    /// <inheritdoc/>
    protected override bool IsRight(string said) => Texts.All(text => said.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("contains");
        foreach (string text in Texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
