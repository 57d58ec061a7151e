using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>What all values have: a type, a truth, a length, and for some the values inside.</summary>
internal static class PythonType
{
    /// <summary>The type's name as Python calls it.</summary>
    public static string Name(object value) => value switch
    {
        string or Markup => "str",
        BigInteger => "int",
        double => "float",
        bool => "bool",
        None => "NoneType",
        List<object> => "list",
        object[] or Group => "tuple",
        PythonDict => "dict",
        DictView view => $"dict_{view.Kind}",
        Undefined => "undefined value",
        Callable => "function",
        _ => value.GetType().Name.ToLowerInvariant(),
    };

    /// <summary>The text of a text, or null.</summary>
    public static string? AsText(object value) => value as string ?? (value as Markup)?.Text;

    /// <summary>The elements of a list or a tuple, or null.</summary>
    public static IReadOnlyList<object>? AsSequence(object value) => value switch
    {
        List<object> list => list,
        object[] tuple => tuple,
        Group group => group.Pair,
        _ => null,
    };

    /// <summary>Whether a condition on the value holds.</summary>
    public static bool IsTrue(object value) => value switch
    {
        bool flag => flag,
        None or Undefined => false,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        _ => Length(value) != 0,
    };

    /// <summary>How many elements or characters it has, or null for values without a length.</summary>
    public static int? Length(object value) => value switch
    {
        Undefined => 0,
        PythonDict dict => dict.Count,
        DictView view => view.Dict.Count,
        Loop loop => loop.Length,
        _ => AsText(value) is { } text ? PythonString.Length(text) : AsSequence(value)?.Count,
    };

    /// <summary>The values inside; null for values that have none.</summary>
    public static IEnumerable<object>? Items(object value) => value switch
    {
        Undefined => [],
        PythonDict dict => dict.Keys,
        DictView view => view.Items,
        Generator generator => generator.Rest(),
        _ => AsText(value) is { } text ? PythonString.Characters(text) : AsSequence(value),
    };

    /// <summary>The same; each counts as a step.</summary>
    /// <exception cref="CaravanException">There are none.</exception>
    public static IEnumerable<object> Items(object value, Budget budget)
    {
        IEnumerable<object> items = Items(value) ?? throw budget.Fail($"goes through a value of type {Name(value)}, which holds no others");
        return Counted(items, budget);
    }

    private static IEnumerable<object> Counted(IEnumerable<object> items, Budget budget)
    {
        using IEnumerator<object> rest = items.GetEnumerator();
        while (true)
        {
            // Generators over generators go deeper with every one.
            budget.Enter();
            bool more = rest.MoveNext();
            budget.Leave();
            if (!more) yield break;
            budget.Step();
            yield return rest.Current;
        }
    }
}
