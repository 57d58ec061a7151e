using System.Globalization;
using System.Numerics;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Python's <c>str()</c> and <c>repr()</c>.</summary>
internal sealed class PythonPrinter(Budget budget)
{
    private readonly StringBuilder text = new();

    /// <summary><c>str(value)</c>.</summary>
    public static string Str(object value, Budget budget) => PythonType.AsText(value) ?? value switch
    {
        Undefined => "",
        _ => Repr(value, budget),
    };

    /// <summary><c>repr(value)</c>.</summary>
    public static string Repr(object value, Budget budget)
    {
        PythonPrinter printer = new(budget);
        printer.Append(value);
        return printer.text.ToString();
    }

    private void Append(object value)
    {
        budget.Enter();
        int before = text.Length;
        switch (value)
        {
            case string plain: AppendQuoted(plain); break;
            case Markup markup: AppendAll("Markup(", [markup.Text], ")"); break;
            case BigInteger number: text.Append(number.ToString(CultureInfo.InvariantCulture)); break;
            case double number: text.Append(PythonNumber.Text(number)); break;
            case bool flag: text.Append(flag ? "True" : "False"); break;
            case None: text.Append("None"); break;
            case Undefined: text.Append("Undefined"); break;
            case List<object> list: AppendAll("[", list, "]"); break;
            case PythonDict dict: AppendDict(dict); break;
            case DictView view: AppendAll($"dict_{view.Kind}([", view.Items, "])"); break;
            case Namespace space:
                text.Append("<Namespace ");
                AppendDict(space.Attributes);
                text.Append('>');
                break;
            case Loop loop: text.Append($"<LoopContext {loop.Index}/{loop.Length}>"); break;
            case Callable callable: text.Append($"<function {callable.Name}>"); break;
            case Generator: text.Append("<generator object>"); break;
            default:
                IReadOnlyList<object> tuple = PythonType.AsSequence(value)!;
                AppendAll("(", tuple, tuple.Count == 1 ? ",)" : ")");
                break;
        }

        budget.Step(1 + ((text.Length - before) / Limits.StepCharacters));
        if (text.Length > Limits.TextLength) budget.Characters(text.Length);
        budget.Leave();
    }

    private void AppendAll(string open, IEnumerable<object> items, string close)
    {
        text.Append(open);
        bool first = true;
        foreach (object item in items)
        {
            if (!first) text.Append(", ");
            first = false;
            Append(item);
        }

        text.Append(close);
    }

    private void AppendDict(PythonDict dict)
    {
        text.Append('{');
        bool first = true;
        foreach ((object key, object item) in dict)
        {
            if (!first) text.Append(", ");
            first = false;
            Append(key);
            text.Append(": ");
            Append(item);
        }

        text.Append('}');
    }

    private void AppendQuoted(string plain)
    {
        char quote = plain.Contains('\'') && !plain.Contains('"') ? '"' : '\'';
        text.Append(quote);
        foreach (string character in PythonString.Characters(plain))
        {
            char first = character[0];
            if (first == quote || first == '\\') text.Append('\\').Append(first);
            else if (first is '\n' or '\r' or '\t') text.Append('\\').Append(first == '\n' ? 'n' : first == '\r' ? 'r' : 't');
            else if (IsPrintable(character)) text.Append(character);
            else AppendCode(character.Length == 2 ? char.ConvertToUtf32(first, character[1]) : first);
        }

        text.Append(quote);
    }

    private void AppendCode(int code) => text.Append(code < 0x100 ? $"\\x{code:x2}" : code < 0x10000 ? $"\\u{code:x4}" : $"\\U{code:x8}");

    private static bool IsPrintable(string character) => character == " " || CharUnicodeInfo.GetUnicodeCategory(character, 0)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
