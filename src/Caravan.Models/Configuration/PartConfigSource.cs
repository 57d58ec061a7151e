namespace Caravan.Models;

/// <summary>An object inside a configuration, with the defaults of its class for keys that it leaves out.</summary>
/// <param name="whole">The configuration.</param>
/// <param name="part">The object's key.</param>
/// <param name="names">The object's names of keys that it calls something else.</param>
/// <param name="defaults">Values of missing keys, by Hugging Face's names; long, double, bool or string.</param>
internal sealed class PartConfigSource(IConfigSource whole, string part, IReadOnlyDictionary<string, string> names, IReadOnlyDictionary<string, object> defaults) : IConfigSource
{
    public bool IsGguf => whole.IsGguf;

    public IEnumerable<string> Keys => whole.Keys.Where(key => key.StartsWith(part + ".", StringComparison.Ordinal));

    public string NameOf(string key) => $"{part}.{names.GetValueOrDefault(key, key)}";

    public object? Find(string key) => whole.Find(NameOf(key)) ?? (whole.IsNull(NameOf(key)) ? null : defaults.GetValueOrDefault(key));

    public bool IsNull(string key) => whole.IsNull(NameOf(key));
}
