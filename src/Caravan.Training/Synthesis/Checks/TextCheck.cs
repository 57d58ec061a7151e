using System.Text.Json;

namespace Caravan.Training.Synthesis;

/// <summary>The answer is this text, but for blanks and marks around it and words with a colon before it.</summary>
internal sealed record TextCheck(string Text) : Check
{
    /// <inheritdoc/>
    protected override bool IsRight(string said) =>
        Bare(said).Equals(Bare(Text), StringComparison.OrdinalIgnoreCase) || Bare(said).EndsWith(": " + Bare(Text), StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer) => writer.WriteString("text", Text);

    private static string Bare(string text) => text.Trim().TrimEnd('.', '!', '\u3002');
}
