using Caravan.Formats;
using Caravan.Text;

namespace Caravan.Models;

/// <summary>Finds the tokenizer that belongs to a checkpoint.</summary>
internal static class ModelTokenizer
{
    /// <summary>
    /// The tokenizer of a checkpoint whose architecture need not be known, and which may hold nothing but its vocabulary; null when there is none.
    /// </summary>
    /// <exception cref="CaravanException">There is one, and it is broken.</exception>
    public static Tokenizer? Find(Checkpoint checkpoint, out string searched)
    {
        string size = $"{FamilyCatalog.ArchitectureOf(checkpoint)}.vocab_size";
        return Find(checkpoint, null, (int)Math.Clamp(checkpoint.Metadata?.Integer(size) ?? 0, 0, int.MaxValue), out searched);
    }

    /// <summary>
    /// The tokenizer at <paramref name="path"/> when one is given, else the one inside a GGUF, beside a llama2.c file, or in the folder of the
    /// weights; null when there is none, with <paramref name="searched"/> saying where one was looked for.
    /// </summary>
    public static Tokenizer? Find(Checkpoint checkpoint, string? path, int vocabularySize, out string searched)
    {
        searched = "";
        if (path is not null) return Tokenizer.Load(path);
        if (checkpoint.Metadata is { } metadata)
        {
            searched = "it carries no 'tokenizer.ggml.model'";
            if (metadata.String("tokenizer.ggml.model") is { } kind && kind != "none") return Tokenizer.FromGguf(metadata);
            string? beside = Llama2cTokenizerFile.FindBeside(checkpoint.Path, vocabularySize, out IReadOnlyList<string> tried);
            if (beside is not null) return Tokenizer.Load(beside);
            searched = $"beside it there is none of {string.Join(", ", tried.Select(name => $"'{Path.GetFileName(name)}'"))}";
            return null;
        }

        string folder = Directory.Exists(checkpoint.Path) ? checkpoint.Path : Path.GetDirectoryName(Path.GetFullPath(checkpoint.Path))!;
        searched = $"'{folder}' holds none of {TokenizerFiles.Searched}";
        return TokenizerFiles.FindIn(folder) is { } file ? Tokenizer.Load(file) : null;
    }
}
