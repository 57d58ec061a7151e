using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>The operators <c>+ - * / // % **</c>.</summary>
internal static class PythonArithmetic
{
    /// <summary>What the operator makes of two values.</summary>
    /// <exception cref="CaravanException">It has no meaning for them, or the result is out of bounds.</exception>
    public static object Apply(string sign, object left, object right, Budget budget)
    {
        if ((left as Undefined ?? right as Undefined) is { } undefined && !(sign == "%" && (left is string or Markup)))
            throw budget.Fail($"applies '{sign}' to a value, but {undefined.Problem}");
        if (PythonNumber.AsInteger(left) is { } a && PythonNumber.AsInteger(right) is { } b) return Whole(sign, a, b, budget);
        if (PythonNumber.AsReal(left) is { } x && PythonNumber.AsReal(right) is { } y) return Real(sign, x, y, budget);
        return sign switch
        {
            "+" => Joined(left, right, budget),
            "*" when PythonNumber.AsInteger(right) is { } count => Repeated(left, count, budget),
            "*" when PythonNumber.AsInteger(left) is { } count => Repeated(right, count, budget),
            "%" when left is Markup markup => new Markup(PercentFormat.Apply(markup.Text, Escaped(right), budget)),
            "%" when left is string format => PercentFormat.Apply(format, right, budget),
            _ => null,
        } ?? throw budget.Fail($"applies '{sign}' to a {PythonType.Name(left)} and a {PythonType.Name(right)}, for which it has no meaning");
    }

    /// <summary><c>-value</c> or <c>+value</c>.</summary>
    /// <exception cref="CaravanException">It is no number.</exception>
    public static object Signed(char sign, object value, Budget budget)
    {
        if (value is double real) return sign == '-' ? -real : real;
        if (PythonNumber.AsInteger(value) is { } whole) return sign == '-' ? -whole : whole;
        throw value is Undefined undefined
            ? budget.Fail($"applies '{sign}' to a value, but {undefined.Problem}")
            : budget.Fail($"applies '{sign}' to a {PythonType.Name(value)}; a number was expected");
    }

    private static object Whole(string sign, BigInteger a, BigInteger b, Budget budget)
    {
        if (b.IsZero && (sign is "/" or "//" or "%")) throw budget.Fail("divides by zero");
        return sign switch
        {
            "+" => Bounded(a + b, budget),
            "-" => Bounded(a - b, budget),
            "*" => Bounded(a * b, budget),
            "/" => PythonNumber.ToReal(a) / PythonNumber.ToReal(b),
            "//" => Divided(a, b),
            "%" => a - (Divided(a, b) * b),
            _ => Power(a, b, budget),
        };
    }

    private static BigInteger Divided(BigInteger a, BigInteger b)
    {
        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
        return !rest.IsZero && (rest.Sign < 0) != (b.Sign < 0) ? quotient - 1 : quotient;
    }

    private static object Power(BigInteger a, BigInteger b, Budget budget)
    {
        if (b.Sign < 0) return Real("**", PythonNumber.ToReal(a), PythonNumber.ToReal(b), budget);
        if (a.IsZero || a.IsOne) return b.IsZero ? BigInteger.One : a;
        if (BigInteger.Abs(a).IsOne) return b.IsEven ? BigInteger.One : a;
        if (b * (BigInteger.Abs(a).GetBitLength() - 1) > Limits.IntegerBits) throw TooLarge(budget);
        return Bounded(BigInteger.Pow(a, (int)b), budget);
    }

    private static BigInteger Bounded(BigInteger value, Budget budget) => value.GetBitLength() <= Limits.IntegerBits ? value : throw TooLarge(budget);

    private static CaravanException TooLarge(Budget budget) => budget.Fail($"makes a number of more than {Limits.IntegerBits} bits");

    private static object Real(string sign, double x, double y, Budget budget)
    {
        if (y == 0 && (sign is "/" or "//" or "%")) throw budget.Fail("divides by zero");
        bool isReal = x > 0 || double.IsNaN(x) || (x == 0 ? !(y < 0) : double.IsInfinity(x) || !double.IsFinite(y) || double.IsInteger(y));
        if (sign == "**" && !isReal) throw budget.Fail("takes a power that is no real number");
        return sign switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            "//" => Floored(x, y),
            "%" => Modulo(x, y),
            _ => Math.Pow(x, y),
        };
    }

    private static double Modulo(double x, double y)
    {
        double rest = x % y;
        if (rest != 0 && (rest < 0) != (y < 0)) rest += y;
        return rest == 0 ? Math.CopySign(0, y) : rest;
    }

    private static double Floored(double x, double y)
    {
        double quotient = (x - Modulo(x, y)) / y;
        double floor = Math.Floor(quotient);
        if (quotient - floor > 0.5) floor++;
        return quotient == 0 ? Math.CopySign(0, x / y) : floor;
    }

    private static object? Joined(object left, object right, Budget budget)
    {
        if (PythonType.AsText(left) is { } a && PythonType.AsText(right) is { } b)
        {
            if (left is string && right is string) return Together(a, b, budget);
            (a, b) = (left is Markup ? a : PythonString.Escape(a), right is Markup ? b : PythonString.Escape(b));
            return new Markup(Together(a, b, budget));
        }

        if (PythonType.AsSequence(left) is not { } first || PythonType.AsSequence(right) is not { } second) return null;
        if ((left is List<object>) != (right is List<object>)) return null;
        budget.Step(first.Count + second.Count);
        List<object> all = [.. first, .. second];
        return left is List<object> ? all : all.ToArray();
    }

    private static string Together(string a, string b, Budget budget)
    {
        budget.Characters((long)a.Length + b.Length);
        return a + b;
    }

    private static object? Repeated(object value, BigInteger count, Budget budget)
    {
        int times = (int)BigInteger.Min(BigInteger.Max(count, 0), int.MaxValue);
        if (PythonType.AsText(value) is { } text)
        {
            budget.Characters((long)text.Length * times);
            string repeated = text.Length == 0 ? "" : string.Concat(Enumerable.Repeat(text, times));
            return value is Markup ? new Markup(repeated) : repeated;
        }

        if (PythonType.AsSequence(value) is not { } items) return null;
        budget.Step((long)items.Count * times);
        List<object> all = new(items.Count * times);
        for (int i = 0; i < times && items.Count > 0; i++) all.AddRange(items);
        return value is List<object> ? all : all.ToArray();
    }

    private static object Escaped(object value) => value switch
    {
        string text => PythonString.Escape(text),
        object[] tuple => tuple.Select(Escaped).ToArray(),
        _ => value,
    };
}
