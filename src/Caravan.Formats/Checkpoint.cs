using System.Collections.ObjectModel;
using System.Text.Json;

namespace Caravan.Formats;

/// <summary>
/// A model as it lies on disk: named tensors mapped in place, and the description that came with them.
/// Every reader returns this one type. There are two vocabularies in the world, and exactly one of
/// <see cref="Metadata"/> (GGUF keys and llama.cpp's tensor names) and <see cref="Config"/>
/// (<c>config.json</c> and Hugging Face's tensor names) is set; both are null when the file came without a description.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    private readonly IReadOnlyList<IDisposable> owned;

    internal Checkpoint(string path, string format, IReadOnlyDictionary<string, TensorEntry> tensors, IReadOnlyList<IDisposable> owned)
    {
        Path = path;
        Format = format;
        Tensors = tensors;
        this.owned = owned;
    }

    /// <summary>The file or folder that was opened.</summary>
    public string Path { get; }

    /// <summary>What it is, for people: <c>GGUF v3</c>, <c>safetensors (2 files)</c>, <c>llama2.c version 1</c>.</summary>
    public string Format { get; }

    /// <summary>The tensors by name, in file order.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>Key-value metadata of GGUF files, and of formats that present themselves as one (llama2.c).</summary>
    public GgufMetadata? Metadata { get; init; }

    /// <summary>The root object of <c>config.json</c>.</summary>
    public JsonElement? Config { get; init; }

    /// <summary>Free texts that came with the tensors (<c>__metadata__</c> of a safetensors file); empty for other formats.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Unmaps the files; no <see cref="TensorEntry.Data"/> may be used afterwards.</summary>
    public void Dispose()
    {
        foreach (IDisposable item in owned) item.Dispose();
    }
}
