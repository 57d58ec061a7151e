namespace Caravan.Formats;

/// <summary>
/// An unpickled dict or OrderedDict: the pairs whose keys are strings, in order of first insertion. Pairs with other keys
/// (an optimizer's parameter numbers) are kept only as values to look through.
/// </summary>
internal sealed class PickleDictionary
{
    private OrderedDictionary<string, object?>? named;
    private List<object?>? others;

    /// <summary>The pairs with string keys.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Named => named ?? Enumerable.Empty<KeyValuePair<string, object?>>();

    /// <summary>The values under keys that are not strings.</summary>
    public IEnumerable<object?> Others => others ?? Enumerable.Empty<object?>();

    /// <summary>Number of pairs.</summary>
    public int Count => (named?.Count ?? 0) + (others?.Count ?? 0);

    /// <summary>Adds a pair; a string key that is there gets the new value.</summary>
    public void Set(object? key, object? value)
    {
        if (key is string name) (named ??= new(StringComparer.Ordinal))[name] = value;
        else (others ??= []).Add(value);
    }

    /// <summary>The value under a string key, or null.</summary>
    public object? Find(string name) => named is not null && named.TryGetValue(name, out object? value) ? value : null;
}
