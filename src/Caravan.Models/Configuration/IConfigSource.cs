namespace Caravan.Models;

/// <summary>
/// Where configuration values lie. Values are long, double, bool or string, or lists of int, double or string; anything else is handed over as text.
/// </summary>
internal interface IConfigSource
{
    /// <summary>Whether the keys and the order of rotary features are those of GGUF.</summary>
    bool IsGguf { get; }

    /// <summary>All keys, as the file writes them; nested ones with dots.</summary>
    IEnumerable<string> Keys { get; }

    /// <summary>The file's name of a Hugging Face key.</summary>
    string NameOf(string key);

    /// <summary>The value of a Hugging Face key; null when absent or explicitly null.</summary>
    object? Find(string key);

    /// <summary>Whether the key is there with the value null.</summary>
    bool IsNull(string key);
}
