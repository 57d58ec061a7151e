using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Caravan.Text;

/// <summary>
/// Reads tiktoken's files (<c>qwen.tiktoken</c>, Llama 3's original <c>tokenizer.model</c>): lines of a piece's bytes in base64 and its rank, which is its id.
/// How text is cut and which control tokens follow the ranks is in no file; it is known for the vocabularies in <see cref="Vocabularies"/>.
/// </summary>
internal static class TiktokenFile
{
    /// <summary>The end of the file's usual names.</summary>
    public const string NameEnd = ".tiktoken";

    /// <summary>A vocabulary of this form.</summary>
    /// <param name="Name">What its file's name or tokenizer class begins with.</param>
    /// <param name="Ranks">How many pieces it has.</param>
    /// <param name="PreTokenizer">How it cuts text, by the name that GGUF has for it.</param>
    /// <param name="Control">Its control tokens, in the order of their ids.</param>
    /// <param name="Bos">Begins a text, or null.</param>
    /// <param name="Eos">Ends a text, or null.</param>
    private sealed record Known(string Name, int Ranks, string PreTokenizer, string[] Control, string? Bos, string? Eos);

    private static readonly Known[] Vocabularies =
    [
        new("qwen", 151643, "qwen2", ["<|endoftext|>", "<|im_start|>", "<|im_end|>", .. Numbered("<|extra_", 0, 205)], null, "<|endoftext|>"),
        new("llama3", 128000, "llama3",
            [
                "<|begin_of_text|>", "<|end_of_text|>", .. Numbered("<|reserved_special_token_", 0, 4), "<|start_header_id|>", "<|end_header_id|>",
                "<|reserved_special_token_4|>", "<|eot_id|>", .. Numbered("<|reserved_special_token_", 5, 246),
            ],
            "<|begin_of_text|>", "<|end_of_text|>"),
        // Its control tokens are in tokenizer_config.json.
        new("chatglm4", 151329, "glm4", [], null, null),
        new("cl100k", 100256, "dbrx", ["", "<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", .. Enumerable.Repeat("", 15), "<|endofprompt|>"], null, "<|endoftext|>"),
        new("o200k", 199998, "gpt-4o", ["", "<|endoftext|>", .. Enumerable.Repeat("", 18), "<|endofprompt|>"], null, "<|endoftext|>"),
        new("r50k", 50256, "gpt-2", ["<|endoftext|>"], null, "<|endoftext|>"),
    ];

    /// <summary>Whether a file that begins so may be one: a word of base64, a blank and a number.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head)
    {
        int end = head.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? head : head[..end].TrimEnd((byte)'\r');
        int blank = line.IndexOf((byte)' ');
        return blank > 0 && Base64.IsValid(line[..blank]) && line.Length > blank + 1 && line[(blank + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    /// <summary>Reads the file and the configuration files beside it.</summary>
    /// <exception cref="CaravanException">A line is malformed, or it is not known how the vocabulary cuts text.</exception>
    public static Tokenizer Load(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string[] pieces = ReadPieces(path);
        Known known = Find(path, TokenizerConfigFiles.ClassOf(folder), pieces.Length);
        AddedToken[] added = [.. known.Control.Select((name, place) => new AddedToken(pieces.Length + place, name) { Special = true }).Where(token => token.Content.Length > 0)];
        Vocabulary vocabulary = new(path);
        for (int rank = 0; rank < pieces.Length; rank++) vocabulary.Add(pieces[rank], rank, 0, $"'{path}'");
        foreach (AddedToken token in added) vocabulary.AddToken(token, $"'{path}'");
        (string Left, string Right)[] merges = RankedMerges.Of(pieces);
        NamedPreTokenizers.Entry entry = NamedPreTokenizers.Find(known.PreTokenizer)!;
        TokenizerDefinition definition = new()
        {
            Source = path,
            Model = ModelKind.BytePair,
            Pieces = vocabulary.Pieces(added, null, byteFallback: false),
            Merges = merges,
            // Tiktoken takes a segment that is a piece as it is; it makes a difference where merges do not lead to every piece.
            IgnoreMerges = pieces.Count(piece => piece.Length > 1) > merges.Length,
            EmitsUnknown = false,
            PreTokenizerName = known.PreTokenizer,
            Normalizer = entry.Normalizer,
            PreTokenizer = entry.PreTokenizer,
            Decoder = new ByteLevelDecoder(),
            Added = added,
            BosId = known.Bos is null ? null : vocabulary.Find(known.Bos),
            EosId = known.Eos is null ? null : vocabulary.Find(known.Eos),
            Before = known.Bos is null ? [] : [vocabulary.Find(known.Bos)!.Value],
        };
        return new Tokenizer(TokenizerConfigFiles.Apply(definition, folder));
    }

    /// <summary>The pieces by rank, their bytes spelled in GPT-2's characters.</summary>
    private static string[] ReadPieces(string path)
    {
        List<string> pieces = [];
        int number = 0;
        foreach (string line in Encoding.ASCII.GetString(TokenizerFiles.ReadAll(path)).Split('\n'))
        {
            number++;
            string row = line.TrimEnd('\r');
            if (row.Length == 0) continue;
            int blank = row.IndexOf(' ', StringComparison.Ordinal);
            byte[] bytes = new byte[row.Length];
            if (blank < 1 || !Convert.TryFromBase64Chars(row.AsSpan(0, blank), bytes, out int count) || count == 0
                || !int.TryParse(row.AsSpan(blank + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int rank) || rank != pieces.Count)
                throw new CaravanException($"'{path}' has in line {number} no piece in base64 with the rank {pieces.Count}, as in tiktoken's files; download the file again.");
            pieces.Add(string.Concat(bytes.AsSpan(0, count).ToArray().Select(ByteAlphabet.CharacterOf)));
        }

        return [.. pieces];
    }

    private static Known Find(string path, string className, int ranks)
    {
        string file = Path.GetFileName(path);
        return Vocabularies.FirstOrDefault(known => file.StartsWith(known.Name, StringComparison.OrdinalIgnoreCase))
            ?? Vocabularies.FirstOrDefault(known => className.StartsWith(known.Name, StringComparison.OrdinalIgnoreCase))
            ?? Vocabularies.FirstOrDefault(known => known.Ranks == ranks)
            ?? throw new CaravanException(
                $"'{path}' has {ranks} pieces and does not say how text is cut; known are the files of {string.Join(", ", Vocabularies.Select(known => known.Name))}. Use the model's tokenizer.json.");
    }

    private static IEnumerable<string> Numbered(string start, int first, int count) =>
        Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{start}{number}|>"));
}
