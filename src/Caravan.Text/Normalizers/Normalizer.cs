using System.Text.Json;

namespace Caravan.Text;

/// <summary>A step that changes the text before it is cut, and keeps track of where every character came from.</summary>
internal abstract record Normalizer
{
    /// <summary>Changes the text in place.</summary>
    public abstract void Apply(AlignedText text);

    /// <summary>Writes the step as the object a tokenizer.json holds.</summary>
    public abstract void WriteJson(Utf8JsonWriter writer);

    /// <summary>Reads the step from a tokenizer.json.</summary>
    /// <exception cref="CaravanException">The type is not known or a key is wrong.</exception>
    public static Normalizer Read(JsonField field)
    {
        string type = field.Required("type").String();
        return type switch
        {
            "Sequence" => new SequenceNormalizer([.. field.Required("normalizers").Items().Select(Read)]),
            "NFC" => new FormNormalizer(UnicodeForm.Nfc),
            "NFD" => new FormNormalizer(UnicodeForm.Nfd),
            "NFKC" => new FormNormalizer(UnicodeForm.Nfkc),
            "NFKD" => new FormNormalizer(UnicodeForm.Nfkd),
            "Lowercase" => new LowercaseNormalizer(),
            "StripAccents" => new StripAccentsNormalizer(),
            "Strip" => new StripNormalizer(field.Find("strip_left")?.Boolean() ?? true, field.Find("strip_right")?.Boolean() ?? true),
            "Replace" => new ReplaceNormalizer(TextPattern.Read(field.Required("pattern")), field.Required("content").String()),
            "Prepend" => new PrependNormalizer(field.Required("prepend").String()),
            "BertNormalizer" => BertNormalizer.ReadFields(field),
            "Precompiled" => PrecompiledNormalizer.ReadFields(field),
            "Nmt" => new NmtNormalizer(),
            "ByteLevel" => new ByteLevelNormalizer(),
            _ => throw new CaravanException($"{field.Place} names the normalizer '{type}', which is not known.{Suggestion.DidYouMean(type, Known)}"),
        };
    }

    /// <summary>Writes an object that has no fields besides its type.</summary>
    protected static void WriteType(Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteEndObject();
    }

    private static string[] Known =>
    [
        "Sequence", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Strip", "Replace", "Prepend", "BertNormalizer", "Precompiled",
        "Nmt", "ByteLevel",
    ];
}
