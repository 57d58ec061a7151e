using System.Globalization;
using System.Text;

namespace Caravan.Text.Jinja;

/// <summary>C's <c>strftime</c> in the C locale.</summary>
internal static class Strftime
{
    /// <summary>The time in a format of <c>%</c> codes; unknown codes stay as they are.</summary>
    public static string Format(DateTime time, string format, Budget budget)
    {
        StringBuilder text = new();
        for (int i = 0; i < format.Length; i++)
        {
            bool plain = i + 2 < format.Length && format[i + 1] == '-';
            int code = plain ? i + 2 : i + 1;
            if (format[i] != '%' || code >= format.Length || Field(time, format[code]) is not { } field)
            {
                text.Append(format[i]);
                continue;
            }

            text.Append(plain && field.Length > 1 ? field.TrimStart('0') is { Length: > 0 } digits ? digits : "0" : field);
            i = code;
        }

        return budget.Counted(text.ToString());
    }

    private static string? Field(DateTime time, char code) => code switch
    {
        'Y' => In(time, "yyyy"),
        'y' => In(time, "yy"),
        'm' => In(time, "MM"),
        'B' => In(time, "MMMM"),
        'b' or 'h' => In(time, "MMM"),
        'd' => In(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'A' => In(time, "dddd"),
        'a' => In(time, "ddd"),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'H' => In(time, "HH"),
        'I' => In(time, "hh"),
        'M' => In(time, "mm"),
        'S' => In(time, "ss"),
        'f' => In(time, "ffffff"),
        'p' => In(time, "tt"),
        'F' => In(time, "yyyy-MM-dd"),
        'D' => In(time, "MM/dd/yy"),
        'x' => In(time, "MM/dd/yy"),
        'T' => In(time, "HH:mm:ss"),
        'X' => In(time, "HH:mm:ss"),
        'R' => In(time, "HH:mm"),
        'c' => $"{In(time, "ddd MMM")} {time.Day,2} {In(time, "HH:mm:ss yyyy")}",
        'z' or 'Z' => "",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };

    // The slash of a .NET format is the culture's; the invariant one has a plain slash.
    private static string In(DateTime time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
