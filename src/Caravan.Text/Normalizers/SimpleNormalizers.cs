using System.Text;
using System.Text.Json;

namespace Caravan.Text;

/// <summary>Several normalizers one after the other.</summary>
internal sealed record SequenceNormalizer(IReadOnlyList<Normalizer> Steps) : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        foreach (Normalizer step in Steps) step.Apply(text);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("normalizers");
        foreach (Normalizer step in Steps) step.WriteJson(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

/// <summary>A Unicode normalisation form.</summary>
internal sealed record FormNormalizer(UnicodeForm Form) : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText text) => UnicodeNormalizer.Normalize(text, Form);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, Form.ToString().ToUpperInvariant());
}

/// <summary>A normalizer that looks at one code point at a time.</summary>
internal abstract record CodePointNormalizer : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        text.Begin();
        for (int i = 0, length; i < text.Length; i += length)
            Map(text, UnicodeProperties.CodePointAt(text.Span, i, out length), i, i + length);
        text.End();
    }

    /// <summary>Puts what becomes of the code point at [from, to).</summary>
    protected abstract void Map(AlignedText text, int codePoint, int from, int to);
}

/// <summary>Lower case by Unicode's full mapping of single characters.</summary>
internal sealed record LowercaseNormalizer : CodePointNormalizer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "Lowercase");

    /// <summary>Puts the lower-case form of a code point.</summary>
    public static void PutLower(AlignedText text, int codePoint, int from, int to)
    {
        // The one character whose lower case is two.
        if (codePoint == 0x130) text.Put("i\u0307", from, to);
        else text.PutCodePoint(Rune.ToLowerInvariant(new Rune(codePoint)).Value, from, to);
    }

    /// <inheritdoc/>
    protected override void Map(AlignedText text, int codePoint, int from, int to) => PutLower(text, codePoint, from, to);
}

/// <summary>Removes all combining marks; follows NFD or NFKD as a rule.</summary>
internal sealed record StripAccentsNormalizer : CodePointNormalizer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "StripAccents");

    /// <inheritdoc/>
    protected override void Map(AlignedText text, int codePoint, int from, int to)
    {
        if (!UnicodeProperties.IsMark(codePoint)) text.PutCodePoint(codePoint, from, to);
    }
}

/// <summary>The character clean-up of Google's NMT models: controls go, unusual blanks become blanks.</summary>
internal sealed record NmtNormalizer : CodePointNormalizer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "Nmt");

    /// <inheritdoc/>
    protected override void Map(AlignedText text, int codePoint, int from, int to)
    {
        if (codePoint is (>= 1 and <= 8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or 0x8F or 0x9F) return;
        bool blank = codePoint is 9 or 0xA or 0xC or 0xD or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD;
        text.PutCodePoint(blank ? ' ' : codePoint, from, to);
    }
}

/// <summary>Every byte of the UTF-8 form becomes GPT-2's character for it.</summary>
internal sealed record ByteLevelNormalizer : CodePointNormalizer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "ByteLevel");

    /// <inheritdoc/>
    protected override void Map(AlignedText text, int codePoint, int from, int to) => ByteAlphabet.Put(text, codePoint, from, to);
}

/// <summary>Removes blanks at the ends of the text.</summary>
internal sealed record StripNormalizer(bool Left, bool Right) : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        int start = 0, end = text.Length;
        while (Left && start < end && char.IsWhiteSpace(text[start])) start++;
        while (Right && end > start && char.IsWhiteSpace(text[end - 1])) end--;
        if (start == 0 && end == text.Length) return;
        text.Begin();
        for (int i = start; i < end; i++) text.Put(text[i], i, i + 1);
        text.End();
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Strip");
        writer.WriteBoolean("strip_left", Left);
        writer.WriteBoolean("strip_right", Right);
        writer.WriteEndObject();
    }
}

/// <summary>Puts a text before every text that is not empty.</summary>
internal sealed record PrependNormalizer(string Prefix) : Normalizer
{
    /// <inheritdoc/>
    public override void Apply(AlignedText text)
    {
        if (text.Length == 0) return;
        text.Begin();
        UnicodeProperties.CodePointAt(text.Span, 0, out int first);
        text.Put(Prefix, 0, first);
        for (int i = 0; i < text.Length; i++) text.Put(text[i], i, i + 1);
        text.End();
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Prepend");
        writer.WriteString("prepend", Prefix);
        writer.WriteEndObject();
    }
}
