using System.Globalization;
using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>Filters for numbers, and for values that may be absent.</summary>
internal static class NumberFilters
{
    /// <summary>The filters, with their names and parameters.</summary>
    public static IEnumerable<Builtin> Table() =>
    [
        Builtins.Row("default d", "default_value boolean", call => call.Self is Undefined || (call.Flag(1) && !PythonType.IsTrue(call.Self)) ? call.Value(0, "") : call.Self),
        Builtins.Row("int", "default base", Int),
        Builtins.Row("float", "default", call => Float(call) ?? call.Value(0, 0.0)),
        Builtins.Row("abs", "", Abs),
        Builtins.Row("round", "precision method", Round),
        Builtins.Row("filesizeformat", "binary", FileSize),
    ];

    private static object Int(Invocation call)
    {
        if (call.Self is Undefined undefined) throw call.Budget.Fail($"makes a number of a value, but {undefined.Problem}");
        object absent = call.Value(0, BigInteger.Zero);
        if (PythonNumber.AsInteger(call.Self) is { } whole) return whole;
        if (call.Self is double real) return double.IsFinite(real) ? new BigInteger(Math.Truncate(real)) : absent;
        if (PythonType.AsText(call.Self) is not { } text) return absent;
        int radix = Math.Clamp(call.Count(1, 10), 2, 36);
        string digits = PythonString.Trim(text).ToLowerInvariant();
        string prefix = radix switch { 16 => "0x", 8 => "0o", 2 => "0b", _ => "\0" };
        if (digits.StartsWith(prefix, StringComparison.Ordinal)) digits = digits[2..];
        if (PythonNumber.ParseInteger(digits, radix) is { } parsed) return parsed;
        return PythonNumber.ParseReal(text) is { } number && double.IsFinite(number) ? new BigInteger(Math.Truncate(number)) : absent;
    }

    private static object? Float(Invocation call)
    {
        if (call.Self is Undefined undefined) throw call.Budget.Fail($"makes a number of a value, but {undefined.Problem}");
        return PythonType.AsText(call.Self) is { } text ? PythonNumber.ParseReal(text) : PythonNumber.AsReal(call.Self);
    }

    private static object Abs(Invocation call) => call.Self is double real ? Math.Abs(real)
        : PythonNumber.AsInteger(call.Self) is { } whole ? BigInteger.Abs(whole)
        : throw call.Budget.Fail($"takes the size of a {PythonType.Name(call.Self)}; a number was expected");

    private static object Round(Invocation call)
    {
        double value = PythonNumber.AsReal(call.Self) ?? throw call.Budget.Fail($"rounds a {PythonType.Name(call.Self)}; a number was expected");
        int digits = call.Count(0, 0);
        switch (call.Text(1, "common"))
        {
            case "common" when PythonNumber.AsInteger(call.Self) is { } whole && digits >= 0: return whole;
            case "common": return PythonNumber.Round(value, Math.Clamp(digits, -400, 400));
            case "ceil" or "floor":
                double unit = Math.Pow(10, Math.Clamp(digits, -300, 300));
                return (call.Text(1) == "ceil" ? Math.Ceiling(value * unit) : Math.Floor(value * unit)) / unit + 0.0;
            default: throw call.Budget.Fail("rounds by a method that is not 'common', 'ceil' or 'floor'");
        }
    }

    private static string FileSize(Invocation call)
    {
        double bytes = (double?)Float(call) ?? throw call.Budget.Fail("formats a size that is no number");
        bool binary = call.Flag(0);
        if (bytes == 1) return "1 Byte";
        int unit = binary ? 1024 : 1000, power = 0;
        if (bytes < unit) return string.Create(CultureInfo.InvariantCulture, $"{Math.Truncate(bytes)} Bytes");
        for (double rest = bytes; rest >= unit && power < 8; rest /= unit) power++;
        string prefix = (binary ? "KMGTPEZY" : "kMGTPEZY")[power - 1] + (binary ? "i" : "");
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / Math.Pow(unit, power):F1} {prefix}B");
    }
}
