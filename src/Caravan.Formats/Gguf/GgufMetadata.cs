using System.Diagnostics.CodeAnalysis;

namespace Caravan.Formats;

/// <summary>
/// The key-value pairs of a GGUF file, in file order. A value is one of the CLR types byte, sbyte, ushort, short, uint, int, ulong, long,
/// float, double, bool, string, or an array of them (<c>object[]</c> for arrays of arrays).
/// </summary>
/// <remarks>Source: the GGUF specification (ggml, docs/gguf.md), versions 2 and 3.</remarks>
internal sealed class GgufMetadata
{
    private readonly OrderedDictionary<string, object> values = new(StringComparer.Ordinal);

    /// <summary>The pairs in file order.</summary>
    public IReadOnlyCollection<KeyValuePair<string, object>> Pairs => values;

    /// <summary>The keys in file order.</summary>
    public IReadOnlyCollection<string> Keys => values.Keys;

    /// <summary>Whether the key is there.</summary>
    public bool Contains(string key) => values.ContainsKey(key);

    /// <summary>The value of a key, of whatever type.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out object? value) => values.TryGetValue(key, out value);

    /// <summary>Adds a pair at the end, or replaces the value of a key that is there.</summary>
    public void Set(string key, object value) => values[key] = value;

    /// <summary>The text under a key, or null when the key is absent.</summary>
    /// <exception cref="CaravanException">The value has another type.</exception>
    public string? String(string key) => Find<string>(key, "a string", value => value as string);

    /// <summary>The whole number under a key (any integer type), or null when the key is absent.</summary>
    /// <exception cref="CaravanException">The value is not an integer or does not fit 63 bits.</exception>
    public long? Integer(string key) => FindValue<long>(key, "an integer", AsInteger);

    /// <summary>The real number under a key (any number type), or null when the key is absent.</summary>
    /// <exception cref="CaravanException">The value is not a number.</exception>
    public double? Real(string key) => FindValue<double>(key, "a number", value => value switch
    {
        float single => single,
        double real => real,
        _ => AsInteger(value),
    });

    /// <summary>The truth value under a key, or null when the key is absent.</summary>
    /// <exception cref="CaravanException">The value is not a bool.</exception>
    public bool? Boolean(string key) => FindValue<bool>(key, "a bool", value => value as bool?);

    /// <summary>The array of texts under a key, or null when the key is absent.</summary>
    /// <exception cref="CaravanException">The value is not an array of strings.</exception>
    public string[]? Strings(string key) => Find(key, "an array of strings", value => value as string[]);

    /// <summary>The array of whole numbers under a key (any integer type), or null when the key is absent.</summary>
    /// <exception cref="CaravanException">The value is not an array of integers.</exception>
    public long[]? Integers(string key) => Find(key, "an array of integers", value => Numbers<long>(value, AsInteger));

    /// <summary>The array of real numbers under a key, or null when the key is absent.</summary>
    /// <exception cref="CaravanException">The value is not an array of numbers.</exception>
    public float[]? Reals(string key) => Find(key, "an array of numbers", value => value as float[] ?? Numbers<float>(value, item => item switch
    {
        float single => single,
        double real => (float)real,
        _ => AsInteger(item),
    }));

    /// <summary>The values of an array of numbers as another number type; null when the value is no array or an item does not convert.</summary>
    private static T[]? Numbers<T>(object value, Func<object, T?> convert)
        where T : struct
    {
        if (value is not Array array || value is string[] or object[]) return null;
        T[] result = new T[array.Length];
        for (int i = 0; i < result.Length; i++)
        {
            if (convert(array.GetValue(i)!) is not { } number) return null;
            result[i] = number;
        }

        return result;
    }

    private static long? AsInteger(object value) => value switch
    {
        byte or sbyte or ushort or short or uint or int or long => Convert.ToInt64(value),
        ulong number when number <= long.MaxValue => (long)number,
        _ => null,
    };

    private T? Find<T>(string key, string expected, Func<object, T?> convert)
        where T : class
    {
        if (!values.TryGetValue(key, out object? value)) return null;
        return convert(value) ?? throw Mismatch(key, expected, value);
    }

    private T? FindValue<T>(string key, string expected, Func<object, T?> convert)
        where T : struct
    {
        if (!values.TryGetValue(key, out object? value)) return null;
        return convert(value) ?? throw Mismatch(key, expected, value);
    }

    private static CaravanException Mismatch(string key, string expected, object value) =>
        new($"The GGUF key '{key}' holds {value.GetType().Name}; {expected} was expected.");
}
