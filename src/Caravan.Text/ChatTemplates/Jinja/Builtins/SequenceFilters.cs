using System.Numerics;

namespace Caravan.Text.Jinja;

/// <summary>Filters for values that hold others.</summary>
internal static class SequenceFilters
{
    /// <summary>The filters, with their names and parameters.</summary>
    public static IEnumerable<Builtin> Table() =>
    [
        Builtins.Row("length count", "", call => PythonType.Length(call.Self) is { } length ? new BigInteger(length)
            : throw call.Budget.Fail($"asks for the length of a {PythonType.Name(call.Self)}, which has none")),
        Builtins.Row("list", "", call => Items(call).ToList()),
        Builtins.Row("first", "", call => Items(call).FirstOrDefault() ?? new Undefined("No first item, sequence was empty.")),
        Builtins.Row("last", "", Last),
        Builtins.Row("reverse", "", Reverse),
        Builtins.Row("join", "d attribute", Join),
        Builtins.Row("items", "", call => call.Self is Undefined ? new Generator([]) : new Generator(new DictView("items", Dict(call)).Items)),
        Builtins.Row("dictsort", "case_sensitive by reverse", DictSort),
        Builtins.Row("sort", "reverse case_sensitive attribute", call => PythonOrder.Sorted(Items(call), Keys(call, 2, call.Flag(1)), call.Flag(0), call.Budget)),
        Builtins.Row("unique", "case_sensitive attribute", call => new Generator(Unique(call))),
        Builtins.Row("min", "case_sensitive attribute", call => Extreme(call, reverse: false)),
        Builtins.Row("max", "case_sensitive attribute", call => Extreme(call, reverse: true)),
        Builtins.Row("sum", "attribute start", call => Items(call).Select(Attribute(call, 0))
            .Aggregate(call.Value(1, BigInteger.Zero), (sum, item) => PythonArithmetic.Apply("+", sum, item, call.Budget))),
        Builtins.Row("batch", "linecount fill_with", call => new Generator(Batch(call))),
        Builtins.Row("slice", "slices fill_with", call => new Generator(Slice(call))),
        Builtins.Row("groupby", "attribute default case_sensitive", GroupBy),
    ];

    /// <summary>The values inside the value that a filter is called on.</summary>
    public static IEnumerable<object> Items(Invocation call) => PythonType.Items(call.Self, call.Budget);

    /// <summary>Takes what an argument like <c>'a.b.0'</c> names out of a value; the value itself when the argument is absent.</summary>
    public static Func<object, object> Attribute(Invocation call, int place, bool caseSensitive = true)
    {
        object[] path = call.Has(place) ? Path(call.Value(place), call) : [];
        return item =>
        {
            foreach (object part in path) item = Members.Item(item, part, call.Budget);
            return !caseSensitive && PythonType.AsText(item) is { } text ? PythonString.Lower(text) : item;
        };
    }

    private static object[] Path(object attribute, Invocation call) => attribute is BigInteger ? [attribute]
        : PythonType.AsText(attribute) is not { } text ? throw call.Budget.Fail($"gives '{call.Name}' an attribute that is no name")
        : [.. text.Split('.').Select(part => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit) ? (object)BigInteger.Parse(part) : part)];

    /// <summary>The same for one or several attributes with commas between them, as a tuple to sort by.</summary>
    private static Func<object, object> Keys(Invocation call, int place, bool caseSensitive)
    {
        object[] names = call.Has(place) && PythonType.AsText(call.Value(place)) is { } text ? text.Split(',') : [call.Values[place] ?? None.Value];
        Func<object, object>[] each = [.. names.Select(name => Attribute(call with { Values = [name] }, 0, caseSensitive))];
        return item => each.Select(attribute => attribute(item)).ToArray();
    }

    private static PythonDict Dict(Invocation call) => call.Self as PythonDict
        ?? throw call.Budget.Fail($"applies '{call.Name}' to a {PythonType.Name(call.Self)}; a dict was expected");

    private static object Last(Invocation call)
    {
        if (call.Self is Generator) throw call.Budget.Fail("asks for the last of values that only come forwards; make a list of them first");
        return Items(call).LastOrDefault() ?? new Undefined("No last item, sequence was empty.");
    }

    private static object Reverse(Invocation call)
    {
        if (PythonType.AsText(call.Self) is { } text) return string.Concat(PythonString.Characters(text).Reverse());
        return new Generator(Items(call).Reverse().ToList());
    }

    private static string Join(Invocation call)
    {
        string separator = call.Has(0) ? PythonPrinter.Str(call.Value(0), call.Budget) : "";
        System.Text.StringBuilder text = new();
        bool first = true;
        foreach (object item in Items(call).Select(Attribute(call, 1)))
        {
            if (!first) call.Budget.Append(text, separator);
            first = false;
            call.Budget.Append(text, PythonPrinter.Str(item, call.Budget));
        }

        return text.ToString();
    }

    private static List<object> DictSort(Invocation call)
    {
        int half = call.Text(1, "key") switch
        {
            "key" => 0,
            "value" => 1,
            _ => throw call.Budget.Fail("sorts a dict by what is neither 'key' nor 'value'"),
        };
        IEnumerable<object> pairs = new DictView("items", Dict(call)).Items;
        return PythonOrder.Sorted(pairs, Key, call.Flag(2), call.Budget);

        object Key(object pair)
        {
            object item = ((object[])pair)[half];
            return !call.Flag(0) && PythonType.AsText(item) is { } text ? PythonString.Lower(text) : item;
        }
    }

    private static IEnumerable<object> Unique(Invocation call)
    {
        HashSet<object> seen = new(KeyComparer.Shared);
        Func<object, object> key = Attribute(call, 1, call.Flag(0));
        foreach (object item in Items(call))
            if (seen.Add(KeyComparer.Key(key(item), call.Budget))) yield return item;
    }

    private static object Extreme(Invocation call, bool reverse) =>
        PythonOrder.Sorted(Items(call), Attribute(call, 1, call.Flag(0)), reverse, call.Budget).FirstOrDefault()
            ?? new Undefined("No aggregated item, sequence was empty.");

    private static IEnumerable<object> Batch(Invocation call)
    {
        int size = call.Count(0, 0);
        _ = call.Value(0);
        List<object> row = [];
        foreach (object item in Items(call))
        {
            if (row.Count == size)
            {
                yield return row;
                row = [];
            }

            row.Add(item);
        }

        if (row.Count == 0) yield break;
        if (call.Has(1))
        {
            call.Budget.Step(Math.Max(0, size - row.Count));
            while (row.Count < size) row.Add(call.Value(1));
        }

        yield return row;
    }

    private static IEnumerable<object> Slice(Invocation call)
    {
        List<object> items = [.. Items(call)];
        int slices = call.Count(0, 0);
        if (slices < 1) throw call.Budget.Fail("slices into fewer than one part");
        (int size, int longer) = (items.Count / slices, items.Count % slices);
        int start = 0;
        for (int i = 0; i < slices; i++)
        {
            call.Budget.Step();
            int count = size + (i < longer ? 1 : 0);
            List<object> part = items.GetRange(start, count);
            if (call.Has(1) && i >= longer && longer > 0) part.Add(call.Value(1));
            start += count;
            yield return part;
        }
    }

    private static List<object> GroupBy(Invocation call)
    {
        _ = call.Value(0);
        Func<object, object> plain = Attribute(call, 0);
        object Grouper(object item) => plain(item) is Undefined && call.Has(1) ? call.Value(1) : plain(item);
        object Key(object item) => Grouper(item) is var value && !call.Flag(2) && PythonType.AsText(value) is { } text ? PythonString.Lower(text) : value;
        List<object> groups = [];
        object? last = null;
        foreach (object item in PythonOrder.Sorted(Items(call), Key, reverse: false, call.Budget))
        {
            object key = Key(item);
            if (last is null || !PythonOrder.AreEqual(last, key, call.Budget)) groups.Add(new Group(Grouper(item), []));
            ((Group)groups[^1]).Items.Add(item);
            last = key;
        }

        return groups;
    }
}
