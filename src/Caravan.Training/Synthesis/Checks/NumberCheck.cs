using System.Text.Json;
using System.Text.RegularExpressions;

namespace Caravan.Training.Synthesis;

/// <summary>The last number of the answer is this one.</summary>
internal sealed partial record NumberCheck(string Value) : Check
{
    /// <inheritdoc/>
    protected override bool IsRight(string said) => Numbers().Matches(said).LastOrDefault()?.Value.Replace(",", "", StringComparison.Ordinal) == Value;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer) => writer.WriteString("number", Value);

    [GeneratedRegex(@"-?\d+(?:,\d{3})*(?:\.\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Numbers();
}
