namespace Caravan.Models;

/// <summary>
/// Collects the configuration of a model that is to be written, by Hugging Face's key names, whatever the file: the other direction of
/// <see cref="ConfigReader"/>. Nested keys are written with a dot; GGUF's names are those of <see cref="GgufConfigKeys"/>, and other keys keep theirs.
/// </summary>
internal sealed class ConfigWriter(bool gguf)
{
    private readonly OrderedDictionary<string, object> values = new(StringComparer.Ordinal);

    /// <summary>Whether the keys are for GGUF.</summary>
    public bool IsGguf { get; } = gguf;

    /// <summary>What was set, in that order; values are int, double, bool, string, or lists of int or double.</summary>
    public IReadOnlyDictionary<string, object> Values => values;

    /// <summary>Sets a whole number.</summary>
    public void Set(string key, int value) => values[key] = value;

    /// <summary>Sets a real number.</summary>
    public void Set(string key, double value) => values[key] = value;

    /// <summary>Sets a truth value.</summary>
    public void Set(string key, bool value) => values[key] = value;

    /// <summary>Sets whole numbers.</summary>
    public void Set(string key, IReadOnlyList<int> values) => this.values[key] = values;

    /// <summary>Sets real numbers.</summary>
    public void Set(string key, IReadOnlyList<double> values) => this.values[key] = values;

    /// <summary>Takes a key back.</summary>
    public void Remove(string key) => values.Remove(key);

    /// <summary>Sets a text.</summary>
    public void Set(string key, string value) => values[key] = value;
}
