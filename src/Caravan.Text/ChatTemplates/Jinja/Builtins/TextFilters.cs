using System.Globalization;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Filters that make texts of texts or of other values.</summary>
internal static class TextFilters
{
    /// <summary>The filters, with their names and parameters.</summary>
    public static IEnumerable<Builtin> Table() =>
    [
        Row("string", "", call => call.Self is Markup ? call.Self : call.SelfText),
        Row("safe", "", call => new Markup(call.SelfText)),
        Row("e escape forceescape", "", call => call.Self is Markup ? call.Self : new Markup(call.Budget.Counted(PythonString.Escape(call.SelfText)))),
        Row("upper", "", call => Kept(call, PythonString.Upper(call.SelfText))),
        Row("lower", "", call => Kept(call, PythonString.Lower(call.SelfText))),
        Row("capitalize", "", call => Kept(call, PythonString.Capitalize(call.SelfText))),
        Row("title", "", call => PythonString.Title(call.SelfText, character => PythonString.IsSpace(character) || "-([{<".Contains(character))),
        Row("trim", "chars", call => Kept(call, PythonString.Trim(call.SelfText, call.Has(0) ? call.Text(0) : null))),
        Row("replace", "old new count", call => StringMethods.Replace(call.SelfText, call.Text(0), call.Text(1), call.Has(2) ? call.Count(2, -1) : -1, call.Budget)),
        Row("format", "*", call => PercentFormat.Apply(call.SelfText, call.Arguments.Named.Count > 0 ? Names(call) : call.Arguments.Positional.ToArray(), call.Budget)),
        Row("indent", "width first blank", Indent),
        Row("truncate", "length killwords end leeway", Truncate),
        Row("center", "width", call => StringMethods.Padded(call.SelfText, call.Count(0, 80), " ", 0, call.Budget)),
        Row("wordcount", "", call => new System.Numerics.BigInteger(WordCount(call.SelfText))),
        Row("urlencode", "", call => PythonType.AsText(call.Self) is { } text ? Encoded(text, call) : EncodedPairs(call)),
        Row("striptags", "", call => string.Join(' ', StringMethods.Words(WithoutTags(call.SelfText)).Select(word => word.Word))),
        Row("tojson", "ensure_ascii indent separators sort_keys", ToJson),
    ];

    private static Builtin Row(string name, string parameters, Func<Invocation, object> body) => Builtins.Row(name, parameters, body);

    private static object Kept(Invocation call, string text) => call.Self is Markup ? new Markup(text) : text;

    private static PythonDict Names(Invocation call)
    {
        PythonDict names = new();
        foreach ((string name, object value) in call.Arguments.Named) names[name] = value;
        return names;
    }

    private static object Indent(Invocation call)
    {
        if (call.Self is not Undefined && PythonType.AsText(call.Self) is null) throw call.Budget.Fail($"indents a {PythonType.Name(call.Self)}; a text was expected");
        bool isText = call.Has(0) && PythonType.AsText(call.Value(0)) is not null;
        int width = isText ? 0 : Math.Max(0, call.Count(0, 4));
        call.Budget.Characters(width);
        string indent = isText ? call.Text(0) : new string(' ', width);
        string text = call.SelfText.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        string[] lines = text.Split('\n');
        call.Budget.Characters(text.Length + ((long)indent.Length * lines.Length));
        IEnumerable<string> indented = lines.Select((line, i) => (i == 0 ? call.Flag(1) : line.Length > 0 || call.Flag(2)) ? indent + line : line);
        return Kept(call, string.Join('\n', indented));
    }

    private static int WordCount(string text)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
            if (IsWord(text[i]) && (i == 0 || !IsWord(text[i - 1]))) count++;
        return count;

        static bool IsWord(char character) => character == '_' || char.IsLetterOrDigit(character);
    }

    private static object Truncate(Invocation call)
    {
        string text = call.SelfText, end = call.Text(2, "...");
        int length = call.Count(0, 255), marked = PythonString.Length(end), leeway = call.Has(3) ? call.Count(3, 5) : 5;
        if (length < marked || leeway < 0) throw call.Budget.Fail("truncates to fewer characters than the end mark has");
        if (PythonType.Length(call.Self) <= (long)length + leeway) return call.Self;
        string start = text[..PythonString.IndexOf(text, length - marked)];
        if (call.Flag(1)) return start + end;
        int blank = start.LastIndexOf(' ');
        return (blank < 0 ? start : start[..blank]) + end;
    }

    private static string Encoded(string text, Invocation call, string safe = "/")
    {
        StringBuilder encoded = new();
        foreach (byte part in Encoding.UTF8.GetBytes(text))
        {
            char character = (char)part;
            if (char.IsAsciiLetterOrDigit(character) || "_.-~".Contains(character) || safe.Contains(character)) encoded.Append(character);
            else encoded.Append(CultureInfo.InvariantCulture, $"%{part:X2}");
        }

        return call.Budget.Counted(encoded.ToString());
    }

    private static string EncodedPairs(Invocation call)
    {
        if (call.Self is not PythonDict && PythonType.AsSequence(call.Self) is null) return Encoded(call.SelfText, call);
        IEnumerable<object> pairs = call.Self is PythonDict dict ? new DictView("items", dict).Items : PythonType.Items(call.Self, call.Budget);
        return string.Join('&', pairs.Select(pair => PythonType.AsSequence(pair) is { Count: 2 } both
            ? $"{Form(both[0])}={Form(both[1])}" : throw call.Budget.Fail("encodes values that are no pairs")));

        string Form(object value) => Encoded(PythonPrinter.Str(value, call.Budget), call, safe: "").Replace("%20", "+", StringComparison.Ordinal);
    }

    private static string WithoutTags(string text)
    {
        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            int end = text[i] == '<' ? text.IndexOf('>', i) : -1;
            if (end < 0) plain.Append(text[i]);
            else i = end;
        }

        return plain.ToString();
    }

    private static string ToJson(Invocation call)
    {
        string? indent = !call.Has(1) ? null
            : PythonType.AsText(call.Value(1)) ?? new string(' ', Math.Clamp(call.Count(1, 0), 0, 1000));
        JsonStyle style = new() { AsciiOnly = call.Flag(0), Indent = indent, SortKeys = call.Flag(3), ItemSeparator = indent is null ? ", " : "," };
        if (call.Has(2))
        {
            if (PythonType.AsSequence(call.Value(2)) is not { Count: 2 } separators || separators.Any(separator => PythonType.AsText(separator) is null))
                throw call.Budget.Fail("gives 'tojson' separators that are no pair of texts");
            style = style with { ItemSeparator = PythonType.AsText(separators[0])!, KeySeparator = PythonType.AsText(separators[1])! };
        }

        return call.Budget.Counted(PythonJson.Write(call.Self, style, call.Budget));
    }
}
