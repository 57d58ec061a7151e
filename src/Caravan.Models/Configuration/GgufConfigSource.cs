using Caravan.Formats;

namespace Caravan.Models;

/// <summary>GGUF metadata, asked by Hugging Face's key names.</summary>
internal sealed class GgufConfigSource(GgufMetadata metadata, string architecture) : IConfigSource
{
    private readonly string prefix = architecture + ".";

    public bool IsGguf => true;

    public IEnumerable<string> Keys => metadata.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal));

    public string NameOf(string key) => GgufConfigKeys.Find(key) is { } row ? prefix + row.Gguf : prefix + key;

    public bool IsNull(string key) => false;

    public object? Find(string key)
    {
        if (!metadata.TryGet(NameOf(key), out object? value)) return null;
        return value switch
        {
            bool or string => value,
            float single => (double)single,
            double => value,
            // Some writers give one value per layer; a list of equal values is that value.
            Array array => Single(array) is { } same ? Find(same) : List(array),
            _ => Find(value),
        };
    }

    /// <summary>A long or a double in a box; each arm says so, or the compiler would make all of them doubles.</summary>
    private static object Find(object number) => number switch
    {
        float or double => (object)Convert.ToDouble(number),
        ulong large and > long.MaxValue => (object)(double)large,
        _ => (object)Convert.ToInt64(number),
    };

    private static object List(Array array) => array switch
    {
        string[] or object[] or bool[] => string.Join(", ", array.Cast<object>()),
        float[] or double[] => array.Cast<object>().Select(Convert.ToDouble).ToArray(),
        _ when array.Cast<object>().All(item => Convert.ToDouble(item) is >= int.MinValue and <= int.MaxValue) => array.Cast<object>().Select(Convert.ToInt32).ToArray(),
        _ => string.Join(", ", array.Cast<object>()),
    };

    private static object? Single(Array array)
    {
        if (array.Length == 0 || array is string[] or bool[] or object[]) return null;
        object first = array.GetValue(0)!;
        return array.Cast<object>().All(first.Equals) ? first : null;
    }
}
