using System.Globalization;
using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>Numbers as Python reads, computes and prints them.</summary>
internal static class PythonNumber
{
    /// <summary>Numbers of more digits would be beyond <see cref="Limits.IntegerBits"/>.</summary>
    private const int MostDigits = Limits.IntegerBits * 3 / 10;

    /// <summary>The value as a whole number: whole numbers and truths are; null for others.</summary>
    public static BigInteger? AsInteger(object value) => value switch
    {
        BigInteger number => number,
        bool flag => flag ? BigInteger.One : BigInteger.Zero,
        _ => null,
    };

    /// <summary>The value as a real number, or null.</summary>
    public static double? AsReal(object value) => value is double real ? real : AsInteger(value) is { } whole ? ToReal(whole) : null;

    /// <summary>The nearest real number.</summary>
    public static double ToReal(BigInteger whole) =>
        long.MinValue <= whole && whole <= long.MaxValue ? (long)whole : double.Parse(whole.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>A whole number from its digits; null when they are none, or too many.</summary>
    public static BigInteger? ParseInteger(string text, int radix)
    {
        string digits = PythonString.Trim(text);
        bool negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+')) digits = digits[1..];
        if (digits.StartsWith('_') || digits.EndsWith('_') || digits.Contains("__", StringComparison.Ordinal)) return null;
        digits = digits.Replace("_", "", StringComparison.Ordinal);
        if (digits.Length is 0 or > MostDigits) return null;
        BigInteger value = BigInteger.Zero;
        foreach (char character in digits)
        {
            int digit = char.IsAsciiDigit(character) ? character - '0' : char.IsAsciiLetter(character) ? char.ToLowerInvariant(character) - 'a' + 10 : radix;
            if (digit >= radix) return null;
            value = (value * radix) + digit;
        }

        return negative ? -value : value;
    }

    /// <summary>A real number from its text; null when it is none.</summary>
    public static double? ParseReal(string text)
    {
        string digits = PythonString.Trim(text).Replace("_", "", StringComparison.Ordinal);
        return digits.ToLowerInvariant().TrimStart('+', '-') switch
        {
            "inf" or "infinity" => digits[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
            "nan" => double.NaN,
            _ => digits.Length > 0 && (char.IsAsciiDigit(digits[^1]) || digits[^1] == '.')
                && double.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value)
                ? value : null,
        };
    }

    /// <summary>The shortest text that reads back as the same number: <c>1.0</c>, <c>1e-05</c>, <c>inf</c>.</summary>
    public static string Text(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        (string digits, int exponent) = Shortest(Math.Abs(value));
        string sign = value < 0 || (value == 0 && double.IsNegative(value)) ? "-" : "";
        if (value == 0) return sign + "0.0";
        if (exponent is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        if (digits.Length <= exponent + 1) return $"{sign}{digits.PadRight(exponent + 1, '0')}.0";
        return $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>The fewest digits that tell a number from all others, and the power of ten of the first.</summary>
    private static (string Digits, int Exponent) Shortest(double value)
    {
        string[] parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        int point = parts[0].IndexOf('.', StringComparison.Ordinal);
        string digits = parts[0].Replace(".", "", StringComparison.Ordinal);
        int exponent = (point < 0 ? digits.Length : point) - 1 + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        string significant = digits.TrimStart('0');
        return (significant.TrimEnd('0') is { Length: > 0 } kept ? kept : "0", exponent - (digits.Length - significant.Length));
    }

    /// <summary>To the nearest even digit, as Python rounds.</summary>
    public static double Round(double value, int digits)
    {
        if (!double.IsFinite(value) || digits > 22) return value;
        if (digits < 0)
        {
            double unit = Math.Pow(10, -digits);
            return double.IsInfinity(unit) ? 0 : Math.Round(value / unit, MidpointRounding.ToEven) * unit;
        }

        // Through its decimal digits, so that 2.675, which lies below the middle, becomes 2.67.
        return double.Parse(value.ToString("F" + digits, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
