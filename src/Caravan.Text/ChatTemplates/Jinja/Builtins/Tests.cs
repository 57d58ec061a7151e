using System.Collections.Frozen;
using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>What may stand behind <c>is</c>.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Builtin> ByName = Table().ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    /// <summary>The test of that name.</summary>
    /// <exception cref="CaravanException">There is none.</exception>
    public static Builtin Named(string name, Budget budget) => ByName.GetValueOrDefault(name)
        ?? throw budget.Fail($"uses the test '{name}', which there is not");

    /// <summary>Whether there is a test of that name.</summary>
    private static bool Exists(string name) => ByName.ContainsKey(name);

    private static IEnumerable<Builtin> Table()
    {
        yield return Row("defined", value => value is not Undefined);
        yield return Row("undefined", value => value is Undefined);
        yield return Row("none", value => value is None);
        yield return Row("boolean", value => value is bool);
        yield return Row("true", value => value is true);
        yield return Row("false", value => value is false);
        yield return Row("integer", value => value is BigInteger);
        yield return Row("float", value => value is double);
        yield return Row("number", value => value is BigInteger or double or bool);
        yield return Row("string", value => value is string or Markup);
        yield return Row("mapping", value => value is PythonDict);
        yield return Row("sequence", value => value is PythonDict or Undefined || PythonType.AsText(value) is not null || PythonType.AsSequence(value) is not null);
        yield return Row("iterable", value => PythonType.Items(value) is not null);
        yield return Row("callable", value => value is Callable or Undefined);
        yield return Row("escaped", value => value is Markup);
        yield return Row("lower", (value, budget) => IsCased(PythonPrinter.Str(value, budget), char.IsLower));
        yield return Row("upper", (value, budget) => IsCased(PythonPrinter.Str(value, budget), char.IsUpper));
        yield return Row("odd", (value, budget) => Leaves(value, new BigInteger(2), BigInteger.One, budget));
        yield return Row("even", (value, budget) => Leaves(value, new BigInteger(2), BigInteger.Zero, budget));
        yield return Builtins.Row("divisibleby", "num", call => Leaves(call.Self, call.Value(0), BigInteger.Zero, call.Budget));
        yield return Builtins.Row("in", "seq", call => PythonOrder.Contains(call.Value(0), call.Self, call.Budget));
        yield return Builtins.Row("sameas", "other", call => AreSame(call.Self, call.Value(0)));
        yield return Builtins.Row("filter", "", call => Filters.Exists(PythonPrinter.Str(call.Self, call.Budget)));
        yield return Builtins.Row("test", "", call => Exists(PythonPrinter.Str(call.Self, call.Budget)));
        foreach (string name in new[] { "eq", "==", "equalto" }) yield return Builtins.Row(name, "other", call => PythonOrder.AreEqual(call.Self, call.Value(0), call.Budget));
        foreach (string name in new[] { "ne", "!=" }) yield return Builtins.Row(name, "other", call => !PythonOrder.AreEqual(call.Self, call.Value(0), call.Budget));
        foreach (string name in new[] { "lt", "<", "lessthan" }) yield return Ordered(name, order => order < 0);
        foreach (string name in new[] { "le", "<=" }) yield return Ordered(name, order => order <= 0);
        foreach (string name in new[] { "gt", ">", "greaterthan" }) yield return Ordered(name, order => order > 0);
        foreach (string name in new[] { "ge", ">=" }) yield return Ordered(name, order => order >= 0);
    }

    private static Builtin Row(string name, Func<object, bool> test) => Builtins.Row(name, "", call => test(call.Self));

    private static Builtin Row(string name, Func<object, Budget, bool> test) => Builtins.Row(name, "", call => test(call.Self, call.Budget));

    private static Builtin Ordered(string name, Func<int?, bool> holds) =>
        Builtins.Row(name, "other", call => holds(PythonOrder.Compare(call.Self, call.Value(0), call.Budget)));

    /// <summary>Python's <c>islower</c>: there is a letter, and all that have a case have this one.</summary>
    public static bool IsCased(string text, Func<char, bool> isCase) =>
        text.Any(isCase) && text.Where(letter => char.IsLower(letter) || char.IsUpper(letter)).All(isCase);

    private static bool Leaves(object value, object divisor, BigInteger rest, Budget budget) =>
        PythonOrder.AreEqual(PythonArithmetic.Apply("%", value, divisor, budget), rest, budget);

    private static bool AreSame(object left, object right) => (left, right) switch
    {
        (string a, string b) => a == b,
        (BigInteger a, BigInteger b) => a == b,
        (bool a, bool b) => a == b,
        (double a, double b) => a.Equals(b),
        _ => ReferenceEquals(left, right),
    };
}
