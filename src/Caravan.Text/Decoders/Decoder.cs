using System.Text.Json;

namespace Caravan.Text;

/// <summary>A token on its way back to text.</summary>
internal sealed class DecodePiece(string text, bool added)
{
    /// <summary>The token's text; what counts while <see cref="Bytes"/> is null.</summary>
    public string Text { get; set; } = text;

    /// <summary>The token's bytes, once a step made some that may be half a character.</summary>
    public byte[]? Bytes { get; set; }

    /// <summary>Whether the token is looked for in the text as it is, and so stands for itself.</summary>
    public bool Added { get; } = added;

    /// <summary>Whether a blank follows unless the token is the last.</summary>
    public bool BlankAfter { get; set; }
}

/// <summary>
/// A step that turns tokens back into text. All known steps work on tokens one by one but for what they do to the first and the last; so
/// they are run once over the vocabulary, and decoding joins the results.
/// </summary>
internal abstract record Decoder
{
    /// <summary>Changes one token.</summary>
    public abstract void Apply(DecodePiece piece);

    /// <summary>Writes the step as the object a tokenizer.json holds.</summary>
    public abstract void WriteJson(Utf8JsonWriter writer);

    /// <summary>Blanks dropped at the very beginning of a text.</summary>
    public virtual int LeadingBlanks => 0;

    /// <summary>Reads the step from a tokenizer.json.</summary>
    /// <exception cref="CaravanException">The type is not known or a key is wrong.</exception>
    public static Decoder Read(JsonField field)
    {
        string type = field.Required("type").String();
        return type switch
        {
            "Sequence" => SequenceDecoder.Of([.. field.Required("decoders").Items().Select(Read)]),
            "ByteLevel" => new ByteLevelDecoder(),
            "ByteFallback" => new ByteFallbackDecoder(),
            "Fuse" => new FuseDecoder(),
            "Replace" => new ReplaceDecoder(TextPattern.Read(field.Required("pattern")), field.Required("content").String()),
            "Strip" => new StripDecoder(field.Required("content").String(), field.Required("start").Count(), field.Required("stop").Count(), false),
            "Metaspace" => new MetaspaceDecoder(MetaspacePreTokenizer.ReadFields(field)),
            "WordPiece" => new WordPieceDecoder(field.Find("prefix")?.String() ?? "##", field.Find("cleanup")?.Boolean() ?? true),
            "BPEDecoder" => new SuffixDecoder(field.Find("suffix")?.String() ?? "</w>"),
            _ => throw new CaravanException($"{field.Place} names the decoder '{type}', which is not known.{Suggestion.DidYouMean(type, Known)}"),
        };
    }

    /// <summary>Writes an object that has no fields besides its type.</summary>
    protected static void WriteType(Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }

    private static string[] Known => ["Sequence", "ByteLevel", "ByteFallback", "Fuse", "Replace", "Strip", "Metaspace", "WordPiece", "BPEDecoder"];
}
