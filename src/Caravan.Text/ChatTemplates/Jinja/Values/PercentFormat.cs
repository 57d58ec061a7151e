using System.Numerics;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>Python's <c>format % values</c>.</summary>
internal static class PercentFormat
{
    /// <summary>The format with the values in it.</summary>
    /// <exception cref="CaravanException">The values do not fit the format.</exception>
    public static string Apply(string format, object values, Budget budget)
    {
        IReadOnlyList<object> items = values as object[] ?? [values];
        StringBuilder text = new();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            if (++i < format.Length && format[i] == '%')
            {
                text.Append('%');
                continue;
            }

            object? named = Named(format, ref i, values, budget);
            FormatSpec spec = FormatSpec.ReadPercent(format, ref i, budget);
            object value = named ?? (next < items.Count ? items[next++] : throw budget.Fail("formats with '%' and has too few values for it"));
            text.Append(Formatted(spec, value, budget));
            if (text.Length > Limits.TextLength) budget.Characters(text.Length);
        }

        if (next < items.Count && values is not (PythonDict or List<object> or Undefined)) throw budget.Fail("formats with '%' and has too many values for it");
        return budget.Counted(text.ToString());
    }

    private static object? Named(string format, ref int i, object values, Budget budget)
    {
        if (i >= format.Length || format[i] != '(') return null;
        int end = format.IndexOf(')', i);
        if (end < 0 || values is not PythonDict dict) throw budget.Fail("formats with '%(name)' and has no dict of values for it");
        string name = format[(i + 1)..end];
        i = end + 1;
        return dict.TryGetValue(name, out object? value) ? value : throw budget.Fail($"formats with '%({name})', for which there is no value");
    }

    private static string Formatted(FormatSpec spec, object value, Budget budget)
    {
        switch (spec.Type)
        {
            case 's': return spec.Apply(PythonPrinter.Str(value, budget), budget);
            case 'r': return spec.Apply(PythonPrinter.Repr(value, budget), budget);
            case 'c' when PythonType.AsText(value) is { } character: return spec.Apply(character, budget);
            case 'd' or 'i' or 'u' when PythonNumber.AsReal(value) is { } number:
                return (spec with { Type = 'd' }).Apply(value is double ? new BigInteger(Math.Truncate(number)) : value, budget);
            case 'x' or 'X' or 'o' when PythonNumber.AsInteger(value) is { } whole: return spec.Apply(whole, budget);
            case 'f' or 'F' or 'e' or 'E' or 'g' or 'G' when PythonNumber.AsReal(value) is { } real: return spec.Apply(real, budget);
            default: throw budget.Fail($"formats a {PythonType.Name(value)} with '%{spec.Type}', which does not take it");
        }
    }
}
