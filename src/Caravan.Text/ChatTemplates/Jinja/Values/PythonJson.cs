using System.Globalization;
using System.Numerics;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>How <see cref="PythonJson"/> writes.</summary>
internal sealed record JsonStyle
{
    /// <summary>Whether characters beyond ASCII are written as escapes.</summary>
    public bool AsciiOnly { get; init; }

    /// <summary>What stands before a value for each level it is deep; null writes everything in one line.</summary>
    public string? Indent { get; init; }

    /// <summary>Between values.</summary>
    public string ItemSeparator { get; init; } = ", ";

    /// <summary>Between key and value.</summary>
    public string KeySeparator { get; init; } = ": ";

    /// <summary>Whether keys are written in their order.</summary>
    public bool SortKeys { get; init; }
}

/// <summary>Python's <c>json.dumps</c>.</summary>
internal sealed class PythonJson(JsonStyle style, Budget budget)
{
    private readonly StringBuilder text = new();
    private int level;

    /// <summary>The value as JSON.</summary>
    /// <exception cref="CaravanException">JSON has no such values.</exception>
    public static string Write(object value, JsonStyle style, Budget budget)
    {
        PythonJson json = new(style, budget);
        json.Append(value);
        return json.text.ToString();
    }

    private void Append(object value)
    {
        budget.Enter();
        int before = text.Length;
        if (PythonType.AsText(value) is { } plain) AppendText(plain);
        else if (PythonType.AsSequence(value) is { } items) AppendAll('[', items, Append, ']');
        else if (value is PythonDict dict) AppendAll('{', Members(dict), AppendMember, '}');
        else text.Append(Scalar(value) ?? throw budget.Fail($"writes a value of type {PythonType.Name(value)} as JSON, which has no such values"));
        budget.Step(1 + ((text.Length - before) / Limits.StepCharacters));
        if (text.Length > Limits.TextLength) budget.Characters(text.Length);
        budget.Leave();
    }

    private static string? Scalar(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        None => "null",
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        double number => double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? (number > 0 ? "Infinity" : "-Infinity") : PythonNumber.Text(number),
        _ => null,
    };

    private IReadOnlyList<KeyValuePair<object, object>> Members(PythonDict dict)
    {
        if (!style.SortKeys) return dict;
        List<KeyValuePair<object, object>> sorted = [.. dict];
        return PythonOrder.Sorted(sorted, member => member.Key, reverse: false, budget);
    }

    private void AppendMember(KeyValuePair<object, object> member)
    {
        AppendText(PythonType.AsText(member.Key) ?? Scalar(member.Key)!);
        text.Append(style.KeySeparator);
        Append(member.Value);
    }

    private void AppendAll<T>(char open, IReadOnlyList<T> items, Action<T> append, char close)
    {
        text.Append(open);
        level++;
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) text.Append(style.ItemSeparator);
            BreakLine();
            append(items[i]);
        }

        level--;
        if (items.Count > 0) BreakLine();
        text.Append(close);
    }

    private void BreakLine()
    {
        if (style.Indent is null) return;
        budget.Characters((long)style.Indent.Length * level);
        text.Append('\n').Insert(text.Length, style.Indent, level);
    }

    private void AppendText(string plain)
    {
        text.Append('"');
        foreach (char character in plain)
        {
            switch (character)
            {
                case '"' or '\\': text.Append('\\').Append(character); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case < ' ': text.Append($"\\u{(int)character:x4}"); break;
                case > '~' when style.AsciiOnly && character != '\x7f': text.Append($"\\u{(int)character:x4}"); break;
                default: text.Append(character); break;
            }
        }

        text.Append('"');
    }
}
