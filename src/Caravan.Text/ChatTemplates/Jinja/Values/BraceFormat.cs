using System.Globalization;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Python's <c>format.format(…)</c>.</summary>
internal static class BraceFormat
{
    /// <summary>The format with the values in it.</summary>
    /// <exception cref="CaravanException">The values do not fit the format.</exception>
    public static string Apply(string format, Arguments arguments, Budget budget)
    {
        StringBuilder text = new();
        int automatic = 0;
        for (int i = 0; i < format.Length; i++)
        {
            char character = format[i];
            if (character is '{' or '}' && i + 1 < format.Length && format[i + 1] == character) i++;
            else if (character == '{')
            {
                int end = format.IndexOf('}', i);
                if (end < 0) throw budget.Fail("formats with '{' and no '}'");
                text.Append(Field(format[(i + 1)..end], arguments, ref automatic, budget));
                if (text.Length > Limits.TextLength) budget.Characters(text.Length);
                i = end;
                continue;
            }
            else if (character == '}') throw budget.Fail("formats with '}' and no '{'");

            text.Append(character);
        }

        return budget.Counted(text.ToString());
    }

    private static string Field(string field, Arguments arguments, ref int automatic, Budget budget)
    {
        int colon = field.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? field : field[..colon];
        int mark = name.IndexOf('!', StringComparison.Ordinal);
        char conversion = mark >= 0 && mark + 1 < name.Length ? name[mark + 1] : ' ';
        if (mark >= 0) name = name[..mark];
        object value = Value(name, arguments, ref automatic, budget);
        if (conversion == 'r') value = PythonPrinter.Repr(value, budget);
        else if (conversion == 's') value = PythonPrinter.Str(value, budget);
        return FormatSpec.Read(colon < 0 ? "" : field[(colon + 1)..], budget).Apply(value, budget);
    }

    private static object Value(string path, Arguments arguments, ref int automatic, Budget budget)
    {
        int end = path.IndexOfAny(['.', '[']);
        string name = end < 0 ? path : path[..end];
        if (name.Length == 0) name = (automatic++).ToString(CultureInfo.InvariantCulture);
        object? value = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? (index < arguments.Positional.Count ? arguments.Positional[index] : null)
            : arguments.Named.TryGetValue(name, out object? named) ? named : null;
        if (value is null) throw budget.Fail($"formats with '{{{name}}}', for which there is no value");
        while (end >= 0 && end < path.Length)
        {
            bool isItem = path[end] == '[';
            int stop = isItem ? path.IndexOf(']', end) : path.IndexOfAny(['.', '['], end + 1);
            if (isItem && stop < 0) throw budget.Fail("formats with '[' and no ']'");
            if (stop < 0) stop = path.Length;
            string key = path[(end + 1)..stop];
            object item = isItem && int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? new System.Numerics.BigInteger(number) : key;
            value = isItem ? Members.Item(value, item, budget) : Members.Attribute(value, key, budget);
            end = isItem ? stop + 1 : stop;
            if (end >= path.Length) break;
        }

        return value;
    }
}
