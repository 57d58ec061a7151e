using System.Text.Json;
using Caravan.Formats;
using Caravan.Text;

namespace Caravan.Weights;

/// <summary>Brings the tokenizer along: as it is where source and target are alike, else read and written anew.</summary>
internal sealed class TokenizerTransfer
{
    private const string GgufKind = "tokenizer.ggml.model", NoTokenizer = "none";

    /// <summary>The files of a Hugging Face folder that are about text and hold no tokenizer themselves.</summary>
    private static readonly string[] Companions =
        ["tokenizer_config.json", "special_tokens_map.json", "merges.txt", "added_tokens.json", "generation_config.json", "chat_template.jinja"];

    private readonly Conversion conversion;
    private readonly string sourceFolder;
    private readonly Lazy<Tokenizer?> tokenizer;

    public TokenizerTransfer(Conversion conversion)
    {
        this.conversion = conversion;
        string source = conversion.Options.TokenizerPath ?? conversion.Model.Path;
        sourceFolder = Directory.Exists(source) ? source : Path.GetDirectoryName(Path.GetFullPath(source))!;
        tokenizer = new Lazy<Tokenizer?>(Read);
    }

    private GgufMetadata? OwnMetadata => conversion.Model.Checkpoint.Metadata;

    private bool IsInGguf => OwnMetadata?.String(GgufKind) is not (null or NoTokenizer or "no_vocab");

    /// <summary>Puts the tokenizer into a GGUF file's metadata.</summary>
    public void ToGguf(GgufMetadata metadata)
    {
        if (IsInGguf && conversion.Options.TokenizerPath is null) return;
        if (tokenizer.Value is { } found)
        {
            found.WriteTo(metadata);
            GgufPadding.Fill(metadata, conversion.Spec.VocabularySize, conversion.Model.Path);
        }
        else
        {
            // llama.cpp's word for a model that is fed token numbers.
            metadata.Set(GgufKind, NoTokenizer);
            NoteMissing();
        }

        foreach (SpecialTokenNames names in SpecialTokenNames.All)
            if (!metadata.Contains(names.Gguf) && FromConfig(names.Json) is { } id) metadata.Set(names.Gguf, id);
    }

    /// <summary>Writes the tokenizer's files into a folder.</summary>
    public void ToFolder(string folder)
    {
        bool alike = conversion.Options.TokenizerPath is { } given ? Directory.Exists(given) : conversion.SameVocabulary;
        if (alike && HasFiles)
        {
            foreach (string name in TokenizerFiles.AllIn(sourceFolder).Select(path => Path.GetFileName(path)).Union(Companions)) Copy(sourceFolder, name, folder);
            return;
        }

        if (conversion.SameVocabulary) Copy(conversion.Model.Path, "generation_config.json", folder);
        if (tokenizer.Value is { } found) found.SaveTo(folder);
        else NoteMissing();
    }

    /// <summary>The special tokens of a GGUF or of the tokenizer beside it, under the names of a <c>config.json</c>.</summary>
    public IEnumerable<KeyValuePair<string, object>> SpecialTokens()
    {
        foreach (SpecialTokenNames names in SpecialTokenNames.All)
        {
            long? id = OwnMetadata?.Integer(names.Gguf) ?? (IsInGguf ? null : tokenizer.Value is { } found ? names.IdOf(found) : null);
            if (id is >= 0 and <= int.MaxValue) yield return new KeyValuePair<string, object>(names.Json, (int)id);
        }
    }

    private bool HasFiles => TokenizerFiles.FindIn(sourceFolder) is not null;

    private Tokenizer? Read()
    {
        if (conversion.Options.TokenizerPath is { } given) return Tokenizer.Load(given);
        if (IsInGguf) return Tokenizer.FromGguf(OwnMetadata!);
        if (conversion.FromGguf)
        {
            // Only llama2.c keeps it in a file of its own.
            return conversion.Model.Checkpoint.Format.StartsWith("llama2.c", StringComparison.Ordinal)
                && Llama2cTokenizerFile.FindBeside(conversion.Model.Path, conversion.Spec.VocabularySize, out _) is { } beside
                ? Tokenizer.Load(beside)
                : null;
        }

        return TokenizerFiles.FindIn(sourceFolder) is { } file ? Tokenizer.Load(file) : null;
    }

    private static void Copy(string from, string name, string folder)
    {
        string path = Path.Combine(from, name);
        if (!File.Exists(path)) return;
        using Kernels.MappedFile file = Kernels.MappedFile.Open(path);
        AtomicFile.Write(Path.Combine(folder, name), file.Bytes.AsSpan());
    }

    private void NoteMissing() =>
        conversion.Note("No tokenizer was found with the source, so the target has none and can be given token numbers only.");

    /// <summary>A number of the source's config.json, or the first of a list of numbers.</summary>
    private uint? FromConfig(string key)
    {
        if (conversion.Model.Checkpoint.Config is not { } config || !config.TryGetProperty(key, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.Array) value = value.EnumerateArray().FirstOrDefault();
        return value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out uint id) ? id : null;
    }
}
