using System.Globalization;
using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>Python's mini-language for formats: <c>[[fill]align][sign][#][0][width][,][.precision][type]</c>.</summary>
internal sealed record FormatSpec
{
    private const int LargestWidth = 10_000;

    /// <summary>What fills the width.</summary>
    public string Fill { get; init; } = " ";

    /// <summary>Where the value stands: <c>&lt;</c>, <c>&gt;</c>, <c>^</c>, <c>=</c>; none: texts left and numbers right.</summary>
    public char? Align { get; init; }

    /// <summary>What stands before positive numbers.</summary>
    public string Sign { get; init; } = "";

    /// <summary>What stands between thousands.</summary>
    public string Group { get; init; } = "";

    /// <summary>Whether the radix is written.</summary>
    public bool Alternate { get; init; }

    /// <summary>Fewest characters.</summary>
    public int Width { get; init; }

    /// <summary>Digits behind the point, or most characters of a text.</summary>
    public int? Precision { get; init; }

    /// <summary>The form of a number; <c>s</c> for a text, none for what is usual.</summary>
    public char? Type { get; init; }

    /// <summary>Reads what stands behind the colon in <c>{:…}</c>.</summary>
    /// <exception cref="CaravanException">It is no format.</exception>
    public static FormatSpec Read(string text, Budget budget)
    {
        FormatSpec spec = new();
        int i = 0;
        if (text.Length > 1 && "<>^=".Contains(text[1])) (spec, i) = (spec with { Fill = text[..1], Align = text[1] }, 2);
        else if (text.Length > 0 && "<>^=".Contains(text[0])) (spec, i) = (spec with { Align = text[0] }, 1);
        if (At(text, i) is '+' or ' ' or '-') spec = spec with { Sign = text[i++] switch { '+' => "+", ' ' => " ", _ => "" } };
        if (At(text, i) == '#') (spec, i) = (spec with { Alternate = true }, i + 1);
        if (At(text, i) == '0') (spec, i) = (spec.Align is null ? spec with { Fill = "0", Align = '=' } : spec, i + 1);
        spec = spec with { Width = Count(text, ref i, budget) ?? 0 };
        if (At(text, i) is ',' or '_') spec = spec with { Group = text[i++].ToString() };
        if (At(text, i) == '.') spec = spec with { Precision = Behind(text, ref i, budget) };
        if (i < text.Length) spec = spec with { Type = text[i++] };
        return i == text.Length ? spec : throw budget.Fail($"formats with '{text}', which is no format");
    }

    /// <summary>Reads what stands behind a percent sign, and stays at its last character.</summary>
    /// <exception cref="CaravanException">It is no format.</exception>
    public static FormatSpec ReadPercent(string text, ref int i, Budget budget)
    {
        FormatSpec spec = new() { Align = '>' };
        for (; At(text, i) is '-' or '+' or ' ' or '#' or '0'; i++)
            spec = text[i] switch
            {
                '-' => spec with { Align = '<', Fill = " " },
                '0' when spec.Align == '>' => spec with { Align = '=', Fill = "0" },
                '+' => spec with { Sign = "+" },
                ' ' when spec.Sign.Length == 0 => spec with { Sign = " " },
                '#' => spec with { Alternate = true },
                _ => spec,
            };
        spec = spec with { Width = Count(text, ref i, budget) ?? 0 };
        if (At(text, i) == '.') spec = spec with { Precision = Behind(text, ref i, budget) };
        return i < text.Length ? spec with { Type = text[i] } : throw budget.Fail("formats with '%' and nothing behind it");
    }

    /// <summary>The value in this form.</summary>
    /// <exception cref="CaravanException">The form is not for such values.</exception>
    public string Apply(object value, Budget budget)
    {
        if (PythonType.AsText(value) is { } text && Type is null or 's' or 'c' or 'r')
            return Padded("", Precision is { } most ? text[..PythonString.IndexOf(text, most)] : text, Align ?? '<');
        if (PythonNumber.AsInteger(value) is { } whole && value is not bool && Type is null or 'd' or 'n' or 'x' or 'X' or 'o' or 'b' && Precision is null) return Whole(whole);
        if (PythonNumber.AsReal(value) is { } real && !(value is bool && Type is null)) return Real(real, budget);
        if (Type is null && Width == 0) return PythonPrinter.Str(value, budget);
        if (Type is null && value is bool) return Padded("", PythonPrinter.Str(value, budget), Align ?? '>');
        throw budget.Fail($"formats a {PythonType.Name(value)} with a form that is not for it");
    }

    private string Whole(BigInteger value)
    {
        BigInteger size = BigInteger.Abs(value);
        string digits = Type switch
        {
            'x' => Hexadecimal(size),
            'X' => Hexadecimal(size).ToUpperInvariant(),
            'o' or 'b' => InRadix(size, Type == 'o' ? 8 : 2),
            _ => Grouped(size.ToString(CultureInfo.InvariantCulture)),
        };
        string radix = Alternate && Type is 'x' or 'X' or 'o' or 'b' ? $"0{Type}" : "";
        return Padded((value.Sign < 0 ? "-" : Sign) + (Alternate ? radix : ""), digits, Align ?? '>');
    }

    private string Real(double value, Budget budget)
    {
        double size = Math.Abs(value);
        string sign = value < 0 || (value == 0 && double.IsNegative(value)) ? "-" : Sign;
        int digits = Precision ?? 6;
        string text = !double.IsFinite(value) ? (double.IsNaN(value) ? "nan" : "inf") : Type switch
        {
            null when Precision is null => PythonNumber.Text(size),
            'f' or 'F' => size.ToString("F" + digits, CultureInfo.InvariantCulture),
            'e' or 'E' => Exponent(size.ToString((Type == 'e' ? "e" : "E") + digits, CultureInfo.InvariantCulture)),
            '%' => (size * 100).ToString("F" + digits, CultureInfo.InvariantCulture) + "%",
            null or 'g' or 'G' => General(size, Math.Max(1, digits)),
            _ => throw budget.Fail($"formats a number with '{Type}', which does not take it"),
        };
        int point = text.IndexOfAny(['.', 'e', 'E', '%']);
        if (Group.Length > 0 && double.IsFinite(value)) text = Grouped(point < 0 ? text : text[..point]) + (point < 0 ? "" : text[point..]);
        return Padded(sign, text, Align ?? '>');
    }

    /// <summary>At most so many digits, without zeros at the end; with an exponent where that is shorter.</summary>
    private string General(double size, int digits)
    {
        string scientific = size.ToString("E" + (digits - 1), CultureInfo.InvariantCulture);
        int exponent = int.Parse(scientific[(scientific.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        bool plain = exponent >= -4 && exponent < digits;
        string text = plain ? size.ToString("F" + Math.Max(0, digits - 1 - exponent), CultureInfo.InvariantCulture) : scientific[..scientific.IndexOf('E', StringComparison.Ordinal)];
        if (text.Contains('.') && !Alternate) text = text.TrimEnd('0').TrimEnd('.');
        if (plain) return Type is null && !text.Contains('.') ? text + ".0" : text;
        return $"{text}{(Type == 'G' ? 'E' : 'e')}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>.NET writes exponents with three digits, Python with two where they suffice.</summary>
    private static string Exponent(string text)
    {
        int mark = text.IndexOfAny(['e', 'E']);
        return $"{text[..(mark + 2)]}{int.Parse(text[(mark + 2)..], CultureInfo.InvariantCulture):00}";
    }

    private static string Hexadecimal(BigInteger size) => size.ToString("x", CultureInfo.InvariantCulture).TrimStart('0') is { Length: > 0 } digits ? digits : "0";

    private static string InRadix(BigInteger size, int radix)
    {
        List<char> digits = [];
        do
        {
            digits.Add((char)('0' + (int)(size % radix)));
            size /= radix;
        }
        while (!size.IsZero);
        digits.Reverse();
        return new string([.. digits]);
    }

    private string Grouped(string digits)
    {
        if (Group.Length == 0) return digits;
        for (int i = digits.Length - 3; i > 0; i -= 3) digits = digits.Insert(i, Group);
        return digits;
    }

    private string Padded(string sign, string text, char align)
    {
        int missing = Width - sign.Length - PythonString.Length(text);
        if (missing <= 0) return sign + text;
        string Filling(int count) => new(Fill[0], count);
        return align switch
        {
            '<' => sign + text + Filling(missing),
            '^' => Filling(missing / 2) + sign + text + Filling(missing - (missing / 2)),
            '=' => sign + Filling(missing) + text,
            _ => Filling(missing) + sign + text,
        };
    }

    private static char At(string text, int i) => i < text.Length ? text[i] : '\0';

    private static int Behind(string text, ref int i, Budget budget)
    {
        i++;
        return Count(text, ref i, budget) ?? 0;
    }

    private static int? Count(string text, ref int i, Budget budget)
    {
        int start = i, count = 0;
        for (; char.IsAsciiDigit(At(text, i)); i++)
        {
            count = (count * 10) + text[i] - '0';
            if (count > LargestWidth) throw budget.Fail($"formats with a width or precision above {LargestWidth}");
        }

        return i == start ? null : count;
    }
}
