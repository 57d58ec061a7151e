using System.Text.Json;

namespace Caravan.Text;

/// <summary>Cuts at a text or a regular expression.</summary>
internal sealed record SplitPreTokenizer(TextPattern Pattern, SplitBehavior Behavior, bool Invert = false) : PreTokenizer
{
    /// <summary>Cuts digits into groups of three from the right when the run ends at a word boundary.</summary>
    internal const string GroupsBeforeBoundary = @"\d{1,3}(?=(?:\d{3})*\b)";

    /// <summary>Cuts between groups of three digits, counted from the right.</summary>
    internal const string GroupsOfThree = @"(?=(\d{3})+(?!\d))";

    /// <summary>A regular expression whose matches and the text between them both become segments.</summary>
    public static SplitPreTokenizer Isolate(string expression) => new(TextPattern.Regex(expression), SplitBehavior.Isolated);

    /// <summary>Reads the fields of the object.</summary>
    public static SplitPreTokenizer ReadFields(JsonField field) => new(
        TextPattern.Read(field.Required("pattern")), ReadBehavior(field.Required("behavior")), field.Find("invert")?.Boolean() ?? false);

    /// <inheritdoc/>
    public override void Apply(Segments segments) => segments.Split(Find, Behavior, Invert);

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Split");
        writer.WritePropertyName("pattern");
        Pattern.WriteJson(writer);
        writer.WriteString("behavior", Behavior.ToString());
        writer.WriteBoolean("invert", Invert);
        writer.WriteEndObject();
    }

    private void Find(Segments cut, int start, int end)
    {
        ReadOnlySpan<char> text = cut.Text.Span[start..end];
        switch (Pattern.Source)
        {
            // As written, these two look at the rest of the digits from every digit, which is quadratic in the run's length.
            case GroupsBeforeBoundary when Pattern.Expression is not null:
                FindGroups(text, cut.Found, whole: true);
                break;
            case GroupsOfThree when Pattern.Expression is not null:
                FindGroups(text, cut.Found, whole: false);
                break;
            default:
                Pattern.Matches(text, cut.Matcher, cut.Found);
                break;
        }
    }

    private static void FindGroups(ReadOnlySpan<char> text, List<(int Start, int End)> found, bool whole)
    {
        List<int> digits = [];
        for (int i = 0, length; i < text.Length; i += length)
        {
            digits.Clear();
            bool word = false;
            for (length = 0; i < text.Length; i += length)
            {
                int codePoint = UnicodeProperties.CodePointAt(text, i, out length);
                if (!UnicodeProperties.IsDigit(codePoint))
                {
                    word = UnicodeProperties.IsWord(codePoint);
                    break;
                }

                digits.Add(i);
            }

            if (i >= text.Length) length = 0;
            int end = i;
            if (digits.Count == 0 || (whole && word)) continue;
            digits.Add(end);
            int count = digits.Count - 1;
            for (int from = 0; from < count;)
            {
                int size = (count - from) % 3 is > 0 and int rest ? rest : 3;
                if (whole) found.Add((digits[from], digits[from + size]));
                else if ((count - from) % 3 == 0) found.Add((digits[from], digits[from]));
                from += size;
            }
        }
    }
}
