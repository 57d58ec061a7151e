namespace Caravan.Text.Jinja;

/// <summary>Filters that apply another filter or a test to each value: <c>map</c>, <c>select</c>, <c>reject</c>, <c>selectattr</c>, <c>rejectattr</c>.</summary>
internal static class PickingFilters
{
    /// <summary>The filters.</summary>
    public static IEnumerable<Builtin> Table() =>
    [
        Builtins.Row("map", "*", call => new Generator(Map(call))),
        Builtins.Row("select", "*", call => Pick(call, byAttribute: false, keep: true)),
        Builtins.Row("reject", "*", call => Pick(call, byAttribute: false, keep: false)),
        Builtins.Row("selectattr", "*", call => Pick(call, byAttribute: true, keep: true)),
        Builtins.Row("rejectattr", "*", call => Pick(call, byAttribute: true, keep: false)),
    ];

    private static IEnumerable<object> Map(Invocation call)
    {
        if (call.Arguments.Positional.Count == 0 && call.Arguments.Named.TryGetValue("attribute", out object? attribute))
        {
            Func<object, object> part = SequenceFilters.Attribute(call with { Values = [attribute] }, 0);
            call.Arguments.Named.TryGetValue("default", out object? absent);
            return Items(call).Select(item => part(item) is var value && value is Undefined && absent is not null ? absent : value);
        }

        Builtin filter = Filters.Named(NameAt(call, 0), call.Budget);
        Arguments rest = Behind(call, 1);
        return Items(call).Select(item => filter.Call(call.Run, item, rest));
    }

    private static Generator Pick(Invocation call, bool byAttribute, bool keep)
    {
        int place = byAttribute ? 1 : 0;
        Func<object, object> part = byAttribute ? SequenceFilters.Attribute(call with { Values = [NameAt(call, 0)] }, 0) : item => item;
        if (call.Arguments.Positional.Count <= place) return new Generator(Items(call).Where(item => PythonType.IsTrue(part(item)) == keep));
        Builtin test = Tests.Named(NameAt(call, place), call.Budget);
        Arguments rest = Behind(call, place + 1);
        return new Generator(Items(call).Where(item => PythonType.IsTrue(test.Call(call.Run, part(item), rest)) == keep));
    }

    /// <summary>The values inside; none in whatever counts as false, be it <c>none</c>.</summary>
    private static IEnumerable<object> Items(Invocation call) => PythonType.IsTrue(call.Self) ? SequenceFilters.Items(call) : [];

    private static Arguments Behind(Invocation call, int count) => call.Arguments with { Positional = [.. call.Arguments.Positional.Skip(count)] };

    private static string NameAt(Invocation call, int place) => call.Arguments.Positional.Count > place && PythonType.AsText(call.Arguments.Positional[place]) is { } name
        ? name : throw call.Budget.Fail($"calls '{call.Name}' without the name of what to apply");
}
