using System.Text.Json;

namespace Caravan.Text;

/// <summary>A step that cuts the text into the segments the model tokenizes one by one.</summary>
internal abstract record PreTokenizer
{
    /// <summary>Cuts the segments further, or rewrites them.</summary>
    public abstract void Apply(Segments segments);

    /// <summary>Writes the step as the object a tokenizer.json holds.</summary>
    public abstract void WriteJson(Utf8JsonWriter writer);

    /// <summary>Reads the step from a tokenizer.json.</summary>
    /// <exception cref="CaravanException">The type is not known or a key is wrong.</exception>
    public static PreTokenizer Read(JsonField field)
    {
        string type = field.Required("type").String();
        return type switch
        {
            "Sequence" => new SequencePreTokenizer([.. field.Required("pretokenizers").Items().Select(Read)]),
            "ByteLevel" => new ByteLevelPreTokenizer(
                field.Find("add_prefix_space")?.Boolean() ?? true, field.Find("use_regex")?.Boolean() ?? true, field.Find("trim_offsets")?.Boolean() ?? true),
            "Split" => SplitPreTokenizer.ReadFields(field),
            "Metaspace" => MetaspacePreTokenizer.ReadFields(field),
            "Whitespace" => new WhitespacePreTokenizer(),
            "WhitespaceSplit" => new WhitespaceSplitPreTokenizer(),
            "BertPreTokenizer" => new BertPreTokenizer(),
            "Digits" => new DigitsPreTokenizer(field.Find("individual_digits")?.Boolean() ?? false),
            "Punctuation" => new PunctuationPreTokenizer(field.Find("behavior") is { } behavior ? ReadBehavior(behavior) : SplitBehavior.Isolated),
            "CharDelimiterSplit" => new DelimiterPreTokenizer(field.Required("delimiter").String()),
            _ => throw new CaravanException($"{field.Place} names the pre-tokenizer '{type}', which is not known.{Suggestion.DidYouMean(type, Known)}"),
        };
    }

    /// <summary>Reads what becomes of delimiters.</summary>
    public static SplitBehavior ReadBehavior(JsonField field) => Enum.TryParse(field.String(), out SplitBehavior behavior)
        ? behavior
        : throw field.Mismatch("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");

    /// <summary>Writes an object that has no fields besides its type.</summary>
    protected static void WriteType(Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }

    private static string[] Known =>
    [
        "Sequence", "ByteLevel", "Split", "Metaspace", "Whitespace", "WhitespaceSplit", "BertPreTokenizer", "Digits", "Punctuation",
        "CharDelimiterSplit",
    ];
}
