using System.Collections.Frozen;
using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>The methods of Python's texts, lists and dicts. Those that would change a value are not there, as in Jinja's immutable sandbox.</summary>
internal static class Methods
{
    private static readonly FrozenDictionary<string, Builtin> OfTexts = StringMethods.Table().ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Builtin> OfSequences = new[]
    {
        Builtins.Row("count", "value", call => new BigInteger(PythonType.Items(call.Self, call.Budget).Count(item => PythonOrder.AreEqual(item, call.Value(0), call.Budget)))),
        Builtins.Row("index", "value", Index),
    }.ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    private static readonly Builtin ListCopy = Builtins.Row("copy", "", call => new List<object>(PythonType.Items(call.Self, call.Budget)));

    private static readonly FrozenDictionary<string, Builtin> OfDicts = new[]
    {
        Builtins.Row("keys", "", call => new DictView("keys", (PythonDict)call.Self)),
        Builtins.Row("values", "", call => new DictView("values", (PythonDict)call.Self)),
        Builtins.Row("items", "", call => new DictView("items", (PythonDict)call.Self)),
        Builtins.Row("get", "key default", call => ((PythonDict)call.Self).TryGetValue(KeyComparer.Key(call.Value(0), call.Budget), out object? value) ? value : call.Value(1, None.Value)),
        Builtins.Row("copy", "", Copy),
    }.ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Builtin> OfNumbers = new[]
    {
        Builtins.Row("is_integer", "", call => call.Self is not double real || double.IsInteger(real)),
        Builtins.Row("bit_length", "", call => new BigInteger((long)BigInteger.Abs(PythonNumber.AsInteger(call.Self) ?? 0).GetBitLength())),
    }.ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    private static readonly string[] ListChanges = ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"];
    private static readonly string[] DictChanges = ["clear", "pop", "popitem", "setdefault", "update"];

    /// <summary>The method of that name, or null.</summary>
    public static Builtin? Find(object value, string name) => value is List<object> && name == "copy" ? ListCopy : (value switch
    {
        string or Markup => OfTexts,
        List<object> or object[] or Group => OfSequences,
        PythonDict => OfDicts,
        BigInteger or double or bool => OfNumbers,
        _ => null,
    })?.GetValueOrDefault(name);

    /// <summary>Whether Python has a method of that name that would change the value.</summary>
    public static bool Changes(object value, string? name) => value switch
    {
        List<object> => ListChanges.Contains(name),
        PythonDict => DictChanges.Contains(name),
        _ => false,
    };

    private static object Index(Invocation call)
    {
        int index = 0;
        foreach (object item in PythonType.Items(call.Self, call.Budget))
        {
            if (PythonOrder.AreEqual(item, call.Value(0), call.Budget)) return new BigInteger(index);
            index++;
        }

        throw call.Budget.Fail("asks for the index of a value that is not there");
    }

    private static PythonDict Copy(Invocation call)
    {
        PythonDict copy = new();
        call.Budget.Step(((PythonDict)call.Self).Count);
        foreach ((object key, object value) in (PythonDict)call.Self) copy[key] = value;
        return copy;
    }
}
