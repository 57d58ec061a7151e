namespace Caravan.Models;

/// <summary>A configuration that was just written, read back: what a program would make of the file.</summary>
internal sealed class WrittenConfigSource(ConfigWriter written) : IConfigSource
{
    public bool IsGguf => written.IsGguf;

    public IEnumerable<string> Keys => written.Values.Keys;

    public string NameOf(string key) => key;

    public bool IsNull(string key) => false;

    /// <summary>GGUF keeps real numbers as singles.</summary>
    public object? Find(string key) => written.Values.GetValueOrDefault(key) switch
    {
        int number => (long)number,
        double number when IsGguf => (double)(float)number,
        var other => other,
    };
}
