using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>The functions that every template can call.</summary>
internal static class Builtins
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Callable> Globals { get; } =
    [
        Function("raise_exception", "message", call => throw new ChatTemplateException(PythonPrinter.Str(call.Value(0), call.Budget))),
        Function("strftime_now", "format", call => Strftime.Format(call.Run.Clock(), call.Text(0), call.Budget)),
        Function("range", "start stop step", Range),
        Function("namespace", "*", call => new Namespace().With(call)),
        Function("dict", "*", call => new PythonDict().With(call)),
        Function("joiner", "sep", call => Joiner(call.Text(0, ", "))),
        Function("cycler", "*", call => new Cycler([.. call.Arguments.Positional])),
    ];

    /// <summary>A row of a table of built-ins.</summary>
    public static Builtin Row(string name, string parameters, Func<Invocation, object> body) =>
        new(name, parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries), body);

    private static BoundBuiltin Function(string name, string parameters, Func<Invocation, object> body) => new(Row(name, parameters, body), None.Value);

    private static List<object> Range(Invocation call)
    {
        bool single = !call.Has(1);
        BigInteger start = single ? 0 : call.Count(0, 0), stop = call.Count(single ? 0 : 1, 0), step = call.Count(2, 1);
        _ = call.Value(0);
        if (step.IsZero) throw call.Budget.Fail("calls 'range' with a step of 0");
        BigInteger count = BigInteger.Max(0, (stop - start + step - step.Sign) / step);
        if (count > Limits.Range) throw call.Budget.Fail($"makes a range of {count} numbers; at most {Limits.Range} are allowed");
        call.Budget.Step((long)count);
        return [.. Enumerable.Range(0, (int)count).Select(i => (object)(start + (i * step)))];
    }

    private static BoundBuiltin Joiner(string separator)
    {
        bool used = false;
        return Function("joiner", "", _ =>
        {
            string text = used ? separator : "";
            used = true;
            return text;
        });
    }

    private static Namespace With(this Namespace space, Invocation call)
    {
        space.Attributes.With(call);
        return space;
    }

    private static PythonDict With(this PythonDict dict, Invocation call)
    {
        if (call.Arguments.Positional.Count > 1) throw call.Budget.Fail($"gives '{call.Name}' several values; it takes one dict, and values by name");
        foreach (object given in call.Arguments.Positional)
            foreach ((object key, object value) in Pairs(given, call)) dict[KeyComparer.Key(key, call.Budget)] = value;
        foreach ((string name, object value) in call.Arguments.Named) dict[name] = value;
        return dict;
    }

    private static IEnumerable<(object Key, object Value)> Pairs(object given, Invocation call)
    {
        if (given is PythonDict dict)
        {
            call.Budget.Step(dict.Count);
            foreach ((object key, object value) in dict) yield return (key, value);
            yield break;
        }

        foreach (object item in PythonType.Items(given, call.Budget))
        {
            if (PythonType.AsSequence(item) is not { Count: 2 } pair) throw call.Budget.Fail($"gives '{call.Name}' values that are no pairs");
            yield return (pair[0], pair[1]);
        }
    }
}
