using System.Text.Json;

namespace Caravan.Text;

/// <summary>BERT's clean-up: controls go, blanks become blanks, ideographs stand alone, accents go, upper case becomes lower case.</summary>
/// <remarks>A null <paramref name="StripAccents"/> means: as <paramref name="Lowercase"/>.</remarks>
internal sealed record BertNormalizer(bool CleanText, bool SpaceIdeographs, bool? StripAccents, bool Lowercase) : Normalizer
{
    /// <summary>Reads the fields of the object.</summary>
    public static BertNormalizer ReadFields(JsonField field) => new(
        field.Find("clean_text")?.Boolean() ?? true,
        field.Find("handle_chinese_chars")?.Boolean() ?? true,
        field.Find("strip_accents")?.Boolean(),
        field.Find("lowercase")?.Boolean() ?? true);

    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        if (CleanText || SpaceIdeographs) Clean(text);
        if (StripAccents ?? Lowercase)
        {
            UnicodeNormalizer.Normalize(text, UnicodeForm.Nfd);
            Filter(text, codePoint => !UnicodeProperties.IsNonSpacingMark(codePoint));
        }

        if (Lowercase) new LowercaseNormalizer().Apply(text);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BertNormalizer");
        writer.WriteBoolean("clean_text", CleanText);
        writer.WriteBoolean("handle_chinese_chars", SpaceIdeographs);
        if (StripAccents is { } strip) writer.WriteBoolean("strip_accents", strip);
        else writer.WriteNull("strip_accents");
        writer.WriteBoolean("lowercase", Lowercase);
        writer.WriteEndObject();
    }

    private void Clean(AlignedText text)
    {
        text.Begin();
        for (int i = 0, length; i < text.Length; i += length)
        {
            int codePoint = UnicodeProperties.CodePointAt(text.Span, i, out length);
            if (CleanText && codePoint is not ('\t' or '\n' or '\r'))
                if (codePoint is 0 or 0xFFFD || UnicodeProperties.IsOther(codePoint)) continue;
            if (CleanText && UnicodeProperties.IsWhiteSpace(codePoint)) codePoint = ' ';
            bool alone = SpaceIdeographs && IsIdeograph(codePoint);
            if (alone) text.Put(' ', i, i + length);
            text.PutCodePoint(codePoint, i, i + length);
            if (alone) text.Put(' ', i, i + length);
        }

        text.End();
    }

    private static void Filter(AlignedText text, Func<int, bool> keep)
    {
        text.Begin();
        for (int i = 0, length; i < text.Length; i += length)
        {
            int codePoint = UnicodeProperties.CodePointAt(text.Span, i, out length);
            if (keep(codePoint)) text.PutCodePoint(codePoint, i, i + length);
        }

        text.End();
    }

    /// <summary>The CJK blocks; 2B920 instead of 2B820 is how Hugging Face tokenizers have it.</summary>
    private static bool IsIdeograph(int codePoint) => codePoint is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
