using System.Numerics;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>The methods of Python's <c>str</c>.</summary>
internal static class StringMethods
{
    /// <summary>The methods, with their names and parameters. On a text marked safe they give texts marked safe.</summary>
    public static IEnumerable<Builtin> Table() => Rows().Select(row => row with { Body = call => Marked(row, call) });

    private static IEnumerable<Builtin> Rows() =>
    [
        Row("upper", "", call => PythonString.Upper(call.SelfText)),
        Row("lower", "", call => PythonString.Lower(call.SelfText)),
        Row("casefold", "", call => PythonString.Lower(call.SelfText).Replace("\u00DF", "ss", StringComparison.Ordinal)),
        Row("capitalize", "", call => PythonString.Capitalize(call.SelfText)),
        Row("title", "", call => PythonString.Title(call.SelfText, character => !char.IsLetter(character))),
        Row("swapcase", "", call => string.Concat(call.SelfText.Select(letter => char.IsUpper(letter) ? PythonString.Lower($"{letter}") : PythonString.Upper($"{letter}")))),
        Row("strip", "chars", call => PythonString.Trim(call.SelfText, Characters(call))),
        Row("lstrip", "chars", call => PythonString.Trim(call.SelfText, Characters(call), end: false)),
        Row("rstrip", "chars", call => PythonString.Trim(call.SelfText, Characters(call), start: false)),
        Row("removeprefix", "prefix", call => call.SelfText.StartsWith(call.Text(0), StringComparison.Ordinal) ? call.SelfText[call.Text(0).Length..] : call.SelfText),
        Row("removesuffix", "suffix", call => call.SelfText.EndsWith(call.Text(0), StringComparison.Ordinal) ? call.SelfText[..^call.Text(0).Length] : call.SelfText),
        Row("split", "sep maxsplit", call => Listed(Split(call, fromEnd: false), call)),
        Row("rsplit", "sep maxsplit", call => Listed(Split(call, fromEnd: true), call)),
        Row("splitlines", "keepends", call => Listed(Lines(call.SelfText, call.Flag(0)), call)),
        Row("partition", "sep", call => Partition(call, Find(call, call.Text(0), last: false))),
        Row("rpartition", "sep", call => Partition(call, Find(call, call.Text(0), last: true))),
        Row("startswith", "prefix start end", call => Affix(call, (text, affix) => text.StartsWith(affix, StringComparison.Ordinal))),
        Row("endswith", "suffix start end", call => Affix(call, (text, affix) => text.EndsWith(affix, StringComparison.Ordinal))),
        Row("find", "sub start end", call => new BigInteger(Place(call, last: false))),
        Row("rfind", "sub start end", call => new BigInteger(Place(call, last: true))),
        Row("index", "sub start end", call => Index(call, last: false)),
        Row("rindex", "sub start end", call => Index(call, last: true)),
        Row("count", "sub", call => new BigInteger(Count(call.SelfText, call.Text(0), call.Budget))),
        Row("replace", "old new count", call => Replace(call.SelfText, call.Text(0), call.Text(1), call.Count(2, -1), call.Budget)),
        Row("join", "iterable", Join),
        Row("format", "*", call => BraceFormat.Apply(call.SelfText, call.Arguments, call.Budget)),
        Row("center", "width fillchar", call => Padded(call.SelfText, call.Count(0, 0), call.Text(1, " "), 0, call.Budget)),
        Row("ljust", "width fillchar", call => Padded(call.SelfText, call.Count(0, 0), call.Text(1, " "), -1, call.Budget)),
        Row("rjust", "width fillchar", call => Padded(call.SelfText, call.Count(0, 0), call.Text(1, " "), 1, call.Budget)),
        Row("zfill", "width", ZeroFill),
        Row("expandtabs", "tabsize", ExpandTabs),
        Row("isdigit", "", call => All(call, char.IsDigit)),
        Row("isdecimal", "", call => All(call, char.IsDigit)),
        Row("isnumeric", "", call => All(call, char.IsNumber)),
        Row("isalpha", "", call => All(call, char.IsLetter)),
        Row("isalnum", "", call => All(call, character => char.IsLetter(character) || char.IsNumber(character))),
        Row("isspace", "", call => All(call, PythonString.IsSpace)),
        Row("isascii", "", call => call.SelfText.All(char.IsAscii)),
        Row("islower", "", call => Tests.IsCased(call.SelfText, char.IsLower)),
        Row("isupper", "", call => Tests.IsCased(call.SelfText, char.IsUpper)),
        Row("isidentifier", "", call => call.SelfText is { Length: > 0 } text && !char.IsDigit(text[0]) && text.All(letter => letter == '_' || char.IsLetterOrDigit(letter))),
    ];

    /// <summary>The words between white space, with their places.</summary>
    public static IEnumerable<(string Word, int Start, int End)> Words(string text)
    {
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool blank = i == text.Length || PythonString.IsSpace(text[i]);
            if (blank && start >= 0) yield return (text[start..i], start, i);
            start = blank ? -1 : start >= 0 ? start : i;
        }
    }

    /// <summary>With a text in place of another, at most <paramref name="count"/> times; negative: everywhere.</summary>
    public static string Replace(string text, string old, string with, int count, Budget budget)
    {
        budget.Search(text.Length, old.Length);
        StringBuilder replaced = new();
        int done = 0;
        for (int place = count == 0 ? -1 : text.IndexOf(old, StringComparison.Ordinal); place >= 0; place = Next(place))
        {
            replaced.Append(text, done, place - done);
            budget.Append(replaced, with);
            done = place + old.Length;
            if (--count == 0) break;
        }

        return budget.Counted(replaced.Append(text, done, text.Length - done).ToString());

        // An empty text stands between all characters.
        int Next(int place)
        {
            if (old.Length > 0) return text.IndexOf(old, done, StringComparison.Ordinal);
            return place == text.Length ? -1 : place + (place + 1 < text.Length && char.IsSurrogatePair(text[place], text[place + 1]) ? 2 : 1);
        }
    }

    /// <summary>Filled up to a width: before it (1), behind it (-1) or on both sides (0).</summary>
    public static string Padded(string text, int width, string fill, int side, Budget budget)
    {
        int missing = width - PythonString.Length(text);
        if (missing <= 0) return text;
        if (fill.Length != 1) throw budget.Fail("fills a text up with what is not one character");
        budget.Characters((long)text.Length + missing);
        // Python puts the odd blank on the left when the width is odd too.
        int left = side > 0 ? missing : side < 0 ? 0 : (missing / 2) + (missing & width & 1);
        return new string(fill[0], left) + text + new string(fill[0], missing - left);
    }

    private static Builtin Row(string name, string parameters, Func<Invocation, object> body) => Builtins.Row(name, parameters, body);

    private static object Marked(Builtin row, Invocation call)
    {
        if (call.Self is not Markup) return row.Body(call);
        bool escapes = row.Name is "replace" or "join" or "format" or "center" or "ljust" or "rjust";
        return row.Body(escapes ? Escaped(call) : call) switch
        {
            string text => new Markup(text),
            List<object> texts => texts.Select(MarkedText).ToList(),
            object[] texts => texts.Select(MarkedText).ToArray(),
            object other => other,
        };
    }

    private static Invocation Escaped(Invocation call) => call with
    {
        Values = [.. call.Values.Select(value => value is null ? null : Escaped(value))],
        Arguments = new Arguments([.. call.Arguments.Positional.Select(Escaped)], call.Arguments.Named.ToDictionary(pair => pair.Key, pair => Escaped(pair.Value))),
    };

    private static object MarkedText(object value) => value is string text ? new Markup(text) : value;

    private static object Escaped(object value) => value switch
    {
        string text => PythonString.Escape(text),
        List<object> list => list.Select(Escaped).ToList(),
        _ => value,
    };

    private static string? Characters(Invocation call) => call.Has(0) ? call.Text(0) : null;

    private static List<object> Listed(IEnumerable<string> texts, Invocation call)
    {
        List<object> list = [];
        foreach (string text in texts)
        {
            call.Budget.Step();
            list.Add(text);
        }

        return list;
    }

    private static IEnumerable<string> Split(Invocation call, bool fromEnd)
    {
        int most = call.Count(1, -1) is >= 0 and int count ? count : int.MaxValue;
        string text = call.SelfText;
        if (!call.Has(0))
        {
            // There are at most half as many words as characters.
            call.Budget.Step(text.Length / 2);
            return SplitBlanks(text, most, fromEnd);
        }

        string separator = call.Text(0);
        if (separator.Length == 0) throw call.Budget.Fail("splits at an empty text");
        call.Budget.Search(text.Length, separator.Length);
        call.Budget.Step(text.AsSpan().Count(separator));
        string[] parts = text.Split(separator);
        if (parts.Length - 1 <= most) return parts;
        return fromEnd
            ? [string.Join(separator, parts[..^most]), .. parts[^most..]]
            : [.. parts[..most], string.Join(separator, parts[most..])];
    }

    /// <summary>Words, at most so many of them; what is left stays one text, with the white space at its outer end.</summary>
    private static IEnumerable<string> SplitBlanks(string text, int most, bool fromEnd)
    {
        (string Word, int Start, int End)[] words = [.. Words(text)];
        if (words.Length <= most) return words.Select(word => word.Word);
        return fromEnd
            ? [text[..words[^(most + 1)].End], .. words[^most..].Select(word => word.Word)]
            : [.. words[..most].Select(word => word.Word), text[words[most].Start..]];
    }

    private static IEnumerable<string> Lines(string text, bool keepEnds)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029')) continue;
            int end = text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n' ? i + 2 : i + 1;
            yield return keepEnds ? text[start..end] : text[start..i];
            start = end;
            i = end - 1;
        }

        if (start < text.Length) yield return text[start..];
    }

    private static int Find(Invocation call, string part, bool last)
    {
        if (part.Length == 0 && call.Name.EndsWith("partition", StringComparison.Ordinal)) throw call.Budget.Fail("splits at an empty text");
        call.Budget.Search(call.SelfText.Length, part.Length);
        return last ? LastIndexOf(call.SelfText, part) : call.SelfText.IndexOf(part, StringComparison.Ordinal);
    }

    private static int LastIndexOf(string text, string part) => part.Length == 0 ? text.Length : text.LastIndexOf(part, StringComparison.Ordinal);

    private static object[] Partition(Invocation call, int place)
    {
        (string text, string separator) = (call.SelfText, call.Text(0));
        if (place < 0) return call.Name == "partition" ? [text, "", ""] : ["", "", text];
        return [text[..place], separator, text[(place + separator.Length)..]];
    }

    private static object Affix(Invocation call, Func<string, string, bool> holds)
    {
        string text = Part(call, out _);
        object affix = call.Value(0);
        if (affix is not object[] several) return holds(text, call.Text(0));
        return several.Any(one => holds(text, PythonType.AsText(one) ?? throw call.Budget.Fail($"gives '{call.Name}' a {PythonType.Name(one)}; a text was expected")));
    }

    /// <summary>The part between the arguments <c>start</c> and <c>end</c>.</summary>
    private static string Part(Invocation call, out int start)
    {
        string text = call.SelfText;
        start = 0;
        if (!call.Has(1) && !call.Has(2)) return text;
        int length = PythonString.Length(text);
        start = Bound(call.Has(1) ? call.Count(1, 0) : 0);
        int end = Bound(call.Has(2) ? call.Count(2, 0) : length);
        return start > end ? "" : text[PythonString.IndexOf(text, start)..PythonString.IndexOf(text, end)];

        int Bound(int place) => place < 0 ? Math.Max(0, place + length) : Math.Min(length, place);
    }

    private static int Place(Invocation call, bool last)
    {
        string text = Part(call, out int start), part = call.Text(0);
        call.Budget.Search(text.Length, part.Length);
        int place = last ? LastIndexOf(text, part) : text.IndexOf(part, StringComparison.Ordinal);
        return place < 0 ? -1 : start + PythonString.CodePointsBefore(text, place);
    }

    private static object Index(Invocation call, bool last) => Place(call, last) is >= 0 and int place
        ? new BigInteger(place) : throw call.Budget.Fail("asks for the index of a text that is not there");

    private static int Count(string text, string part, Budget budget)
    {
        budget.Search(text.Length, part.Length);
        if (part.Length == 0) return PythonString.Length(text) + 1;
        int count = 0;
        for (int place = text.IndexOf(part, StringComparison.Ordinal); place >= 0; place = text.IndexOf(part, place + part.Length, StringComparison.Ordinal)) count++;
        return count;
    }

    private static string Join(Invocation call)
    {
        StringBuilder text = new();
        bool first = true;
        foreach (object item in PythonType.Items(call.Value(0), call.Budget))
        {
            if (!first) call.Budget.Append(text, call.SelfText);
            first = false;
            call.Budget.Append(text, PythonType.AsText(item) ?? throw call.Budget.Fail($"joins a {PythonType.Name(item)}; texts were expected"));
        }

        return text.ToString();
    }

    private static string ZeroFill(Invocation call)
    {
        string text = call.SelfText;
        string sign = text.StartsWith('-') || text.StartsWith('+') ? text[..1] : "";
        return sign + Padded(text[sign.Length..], call.Count(0, 0) - sign.Length, "0", 1, call.Budget);
    }

    private static string ExpandTabs(Invocation call)
    {
        int size = Math.Clamp(call.Count(0, 8), 0, 1000), column = 0;
        StringBuilder text = new();
        foreach (char character in call.SelfText)
        {
            if (character != '\t')
            {
                text.Append(character);
                column = character is '\n' or '\r' ? 0 : column + 1;
                continue;
            }

            int blanks = size == 0 ? 0 : size - (column % size);
            text.Append(' ', blanks);
            column += blanks;
            if (text.Length > Limits.TextLength) call.Budget.Characters(text.Length);
        }

        return call.Budget.Counted(text.ToString());
    }

    private static object All(Invocation call, Func<char, bool> holds) => call.SelfText.Length > 0 && call.SelfText.All(holds);
}
