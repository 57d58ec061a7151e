namespace Caravan.Text.Jinja;

// The values of a template are plain .NET objects: string, BigInteger, double, bool, List<object> (list), object[] (tuple), and the types below.

/// <summary>Python's None.</summary>
internal sealed class None
{
    /// <summary>The only one.</summary>
    public static readonly None Value = new();

    private None()
    {
    }
}

/// <summary>What a name means that nothing was said about: prints as nothing, and fails when it is used.</summary>
/// <param name="Problem">What went wrong, for when it is used: "'x' is undefined".</param>
internal sealed record Undefined(string Problem);

/// <summary>A text marked <c>safe</c>: text that is added to it is escaped for HTML, as it is in Jinja.</summary>
internal sealed record Markup(string Text);

/// <summary><c>namespace()</c>: the only value whose attributes can be set.</summary>
internal sealed class Namespace
{
    /// <summary>Its attributes.</summary>
    public PythonDict Attributes { get; } = new();
}

/// <summary>A dict with its keys in the order of their first assignment; equal numbers of different types are one key.</summary>
internal sealed class PythonDict() : OrderedDictionary<object, object>(KeyComparer.Shared);

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> give: a look at a dict.</summary>
internal sealed record DictView(string Kind, PythonDict Dict)
{
    /// <summary>What it shows.</summary>
    public IEnumerable<object> Items => Kind switch
    {
        "keys" => Dict.Keys,
        "values" => Dict.Values,
        _ => Dict.Select(pair => (object)new[] { pair.Key, pair.Value }),
    };
}

/// <summary>Values that come one by one, once; what <c>map</c>, <c>select</c> and their like give.</summary>
internal sealed class Generator(IEnumerable<object> items)
{
    private readonly IEnumerator<object> rest = items.GetEnumerator();

    /// <summary>What has not been taken yet.</summary>
    public IEnumerable<object> Rest()
    {
        while (rest.MoveNext()) yield return rest.Current;
    }
}

/// <summary>One group of <c>groupby</c>: a pair that also has names for its halves.</summary>
internal sealed record Group(object Grouper, List<object> Items)
{
    /// <summary>The pair.</summary>
    public object[] Pair => [Grouper, Items];
}
