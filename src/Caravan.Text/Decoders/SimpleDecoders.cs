using System.Globalization;
using System.Text.Json;

namespace Caravan.Text;

/// <summary>Several decoders one after the other.</summary>
internal sealed record SequenceDecoder(IReadOnlyList<Decoder> Steps) : Decoder
{
    /// <inheritdoc/>
    public override int LeadingBlanks => Steps.Sum(step => step.LeadingBlanks);

    /// <summary>A sequence whose Strip steps know whether a Fuse came before them and made the text one.</summary>
    public static SequenceDecoder Of(IReadOnlyList<Decoder> steps)
    {
        bool fused = false;
        List<Decoder> result = [];
        foreach (Decoder step in steps)
        {
            fused |= step is FuseDecoder;
            if (fused && step is StripDecoder { Stop: > 0 } strip)
                throw new CaravanException(
                    $"The decoder strips {strip.Stop} characters from the end of the whole text, which streaming cannot do; remove 'stop' from its Strip step.");
            result.Add(step is StripDecoder one ? one with { Whole = fused } : step);
        }

        return new SequenceDecoder(result);
    }

    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
        foreach (Decoder step in Steps) step.Apply(piece);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("decoders");
        foreach (Decoder step in Steps) step.WriteJson(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

/// <summary>GPT-2's characters become the bytes they stand for; tokens found in the text as they are stay as they are.</summary>
internal sealed record ByteLevelDecoder : Decoder
{
    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
        if (piece.Added || piece.Bytes is not null) return;
        byte[] bytes = new byte[piece.Text.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            int value = ByteAlphabet.ByteOf(piece.Text[i]);
            if (value < 0) return;
            bytes[i] = (byte)value;
        }

        piece.Bytes = bytes;
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", true);
        writer.WriteBoolean("trim_offsets", true);
        writer.WriteBoolean("use_regex", true);
        writer.WriteEndObject();
    }
}

/// <summary>A token such as <c>&lt;0x41&gt;</c> becomes its byte.</summary>
internal sealed record ByteFallbackDecoder : Decoder
{
    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
        if (piece.Bytes is null && TryParse(piece.Text, out byte value)) piece.Bytes = [value];
    }

    /// <summary>Reads the spelling of a byte token.</summary>
    public static bool TryParse(string text, out byte value)
    {
        value = 0;
        return text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>'
            && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "ByteFallback");
}

/// <summary>Joins all tokens; what follows sees one text.</summary>
internal sealed record FuseDecoder : Decoder
{
    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => WriteType(writer, "Fuse");
}

/// <summary>Replaces a pattern inside every token.</summary>
internal sealed record ReplaceDecoder(TextPattern Pattern, string Content) : Decoder
{
    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
        if (piece.Bytes is not null) return;
        if (Pattern.Expression is null)
        {
            if (Pattern.Source.Length > 0) piece.Text = piece.Text.Replace(Pattern.Source, Content, StringComparison.Ordinal);
            return;
        }

        List<(int Start, int End)> matches = [];
        Pattern.Matches(piece.Text, new PatternMatcher(), matches);
        for (int i = matches.Count - 1; i >= 0; i--)
            piece.Text = string.Concat(piece.Text.AsSpan(0, matches[i].Start), Content, piece.Text.AsSpan(matches[i].End));
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Replace");
        writer.WritePropertyName("pattern");
        Pattern.WriteJson(writer);
        writer.WriteString("content", Content);
        writer.WriteEndObject();
    }
}

/// <summary>Drops up to so many of a character at the ends of every token, or of the whole text.</summary>
internal sealed record StripDecoder(string Content, int Start, int Stop, bool Whole) : Decoder
{
    /// <inheritdoc/>
    public override int LeadingBlanks => Whole && Content == " " ? Start : 0;

    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
        if (Whole || piece.Bytes is not null || Content.Length == 0) return;
        for (int i = 0; i < Start && piece.Text.StartsWith(Content, StringComparison.Ordinal); i++) piece.Text = piece.Text[Content.Length..];
        for (int i = 0; i < Stop && piece.Text.EndsWith(Content, StringComparison.Ordinal); i++) piece.Text = piece.Text[..^Content.Length];
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Strip");
        writer.WriteString("content", Content);
        writer.WriteNumber("start", Start);
        writer.WriteNumber("stop", Stop);
        writer.WriteEndObject();
    }
}

/// <summary>The visible blanks of <see cref="MetaspacePreTokenizer"/> become blanks; one that was put first is dropped.</summary>
internal sealed record MetaspaceDecoder(MetaspacePreTokenizer Form) : Decoder
{
    /// <inheritdoc/>
    public override int LeadingBlanks => Form.Scheme == PrependScheme.Never ? 0 : 1;

    /// <inheritdoc/>
    public override void Apply(DecodePiece piece) => piece.Text = piece.Text.Replace(Form.Replacement, ' ');

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer) => Form.WriteJson(writer);
}

/// <summary>Joins continuations to their word, puts blanks between words, and takes the blank away before punctuation if asked to.</summary>
internal sealed record WordPieceDecoder(string Prefix, bool Cleanup) : Decoder
{
    private static readonly (string From, string To)[] Tidy =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"),
        (" 've", "'ve"), (" 're", "'re"),
    ];

    /// <inheritdoc/>
    public override int LeadingBlanks => 1;

    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
        bool continues = Prefix.Length > 0 && piece.Text.StartsWith(Prefix, StringComparison.Ordinal);
        piece.Text = continues ? piece.Text[Prefix.Length..] : " " + piece.Text;
        if (!Cleanup) return;
        foreach ((string from, string to) in Tidy) piece.Text = piece.Text.Replace(from, to, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "WordPiece");
        writer.WriteString("prefix", Prefix);
        writer.WriteBoolean("cleanup", Cleanup);
        writer.WriteEndObject();
    }
}

/// <summary>A mark such as <c>&lt;/w&gt;</c> at a token's end becomes a blank, at the text's end nothing.</summary>
internal sealed record SuffixDecoder(string Suffix) : Decoder
{
    /// <inheritdoc/>
    public override void Apply(DecodePiece piece)
    {
        if (Suffix.Length == 0 || piece.Bytes is not null || !piece.Text.EndsWith(Suffix, StringComparison.Ordinal)) return;
        piece.Text = piece.Text[..^Suffix.Length];
        piece.BlankAfter = true;
    }

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BPEDecoder");
        writer.WriteString("suffix", Suffix);
        writer.WriteEndObject();
    }
}
