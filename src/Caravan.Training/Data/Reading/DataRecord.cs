using System.Text.Json;
using System.Text.Unicode;

namespace Caravan.Training;

/// <summary>
/// One record of a file of training data, whatever the file's kind: a JSON object, not read yet, so that records can be counted, shuffled and skipped
/// at little cost.
/// </summary>
/// <param name="Json">The object in UTF-8.</param>
/// <param name="Origin">Where it stands.</param>
internal sealed record DataRecord(ReadOnlyMemory<byte> Json, Origin Origin)
{
    /// <summary>The object. Every text in it is known to be valid Unicode, so that reading it later cannot fail.</summary>
    /// <exception cref="CaravanException">It is no JSON object, or not valid UTF-8.</exception>
    public RecordField Parse()
    {
        if (!Utf8.IsValid(Json.Span)) throw Origin.Problem("holds bytes that are not UTF-8; convert the file to UTF-8.");
        try
        {
            JsonElement root = JsonElement.Parse(Json.Span, JsonText.Strict);
            if (root.ValueKind != JsonValueKind.Object) throw Origin.Problem($"holds a JSON {root.ValueKind}; an object was expected.");
            if (Json.Span.IndexOf("\\u"u8) >= 0) CheckTexts();
            return new RecordField(root, Origin, "");
        }
        catch (JsonException exception)
        {
            string place = exception.BytePositionInLine is not { } position ? ", having a field twice"
                : exception.LineNumber > 0 ? $" at byte {position + 1} of the record's line {exception.LineNumber + 1}" : $" at byte {position + 1}";
            throw Origin.Problem($"is not valid JSON{place}; correct or remove it.", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw Origin.Problem("holds half of a surrogate pair, which is no character; correct the escape '\\u' in it.", exception);
        }
    }

    /// <summary>Escapes are the one way for invalid Unicode to hide in valid UTF-8.</summary>
    private void CheckTexts()
    {
        Utf8JsonReader reader = new(Json.Span);
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) reader.GetString();
    }
}
