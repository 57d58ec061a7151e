using System.Text.Json;
using Caravan.Formats;

namespace Caravan.Weights;

/// <summary>Brings the tokenizer along.</summary>
internal static class TokenizerTransfer
{
    /// <summary>The files of a Hugging Face folder that are about text and not about weights.</summary>
    private static readonly string[] Files =
    [
        "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "vocab.json", "merges.txt", "added_tokens.json",
        "generation_config.json", "chat_template.jinja",
    ];

    /// <summary>GGUF's keys for tokens that a <c>config.json</c> names too.</summary>
    private static readonly (string Json, string Gguf)[] SpecialTokens =
    [
        ("bos_token_id", "tokenizer.ggml.bos_token_id"),
        ("eos_token_id", "tokenizer.ggml.eos_token_id"),
        ("pad_token_id", "tokenizer.ggml.padding_token_id"),
    ];

    /// <summary>Puts the tokenizer into a GGUF file's metadata.</summary>
    public static void ToGguf(Conversion conversion, GgufMetadata metadata)
    {
        const string kind = "tokenizer.ggml.model";
        if (metadata.Contains(kind)) return;
        // llama.cpp's word for a model that is fed token numbers.
        metadata.Set(kind, "none");
        conversion.Note("The source has no tokenizer, so the file has none; it can be given token numbers only.");
        if (conversion.Model.Checkpoint.Config is not { } config) return;
        foreach ((string json, string gguf) in SpecialTokens)
            if (First(config, json) is { } id) metadata.Set(gguf, id);
    }

    /// <summary>Writes the tokenizer's files into a folder.</summary>
    public static void ToFolder(Conversion conversion, string folder)
    {
        string source = conversion.Options.TokenizerPath ?? conversion.Model.Path;
        string from = Directory.Exists(source) ? source : Path.GetDirectoryName(Path.GetFullPath(source))!;
        bool found = false;
        foreach (string name in Files)
        {
            string path = Path.Combine(from, name);
            if (!conversion.SameVocabulary || !File.Exists(path)) continue;
            AtomicFile.Write(Path.Combine(folder, name), File.ReadAllBytes(path));
            found |= name.StartsWith("tokenizer.", StringComparison.Ordinal) || name == "vocab.json";
        }

        if (!found) conversion.Note("The source has no tokenizer, so the folder has none; the model can be given token numbers only.");
    }

    /// <summary>The special tokens that a GGUF names, under the names of a <c>config.json</c>.</summary>
    public static IEnumerable<KeyValuePair<string, object>> SpecialTokensOf(GgufMetadata metadata)
    {
        foreach ((string json, string gguf) in SpecialTokens)
            if (metadata.Integer(gguf) is { } id and >= 0 and <= int.MaxValue) yield return new KeyValuePair<string, object>(json, (int)id);
    }

    /// <summary>A number, or the first of a list of numbers.</summary>
    private static uint? First(JsonElement config, string key)
    {
        if (!config.TryGetProperty(key, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.Array) value = value.EnumerateArray().FirstOrDefault();
        return value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out uint id) ? id : null;
    }
}
