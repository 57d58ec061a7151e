using Caravan.Formats;

namespace Caravan.Text;

/// <summary>Finds out what a path holds and reads it.</summary>
internal static class TokenizerFiles
{
    /// <summary>Files that a folder is searched for, best first.</summary>
    private static readonly string[] Names =
    [
        "tokenizer.json", "20B_tokenizer.json", "tokenizer.model", "spiece.model", "ice_text.model", "sentencepiece.bpe.model", "vocab.json", "*" + TiktokenFile.NameEnd,
        RwkvVocabulary.UsualNames, "vocab.txt",
    ];

    /// <summary>Further files that may hold one, where no model does already.</summary>
    private static readonly string[] Holders = ["*.gguf", "tok*.bin"];

    /// <summary>What there is where tokens are bytes.</summary>
    private const string ConfigName = "tokenizer_config.json";

    /// <summary>What a folder is searched for, in words.</summary>
    public static string Searched => string.Join(", ", Names.Select(name => $"'{name}'"));

    /// <summary>Reads a file or folder, or makes a tokenizer that needs no file (<see cref="ByteVocabulary.Names"/>).</summary>
    /// <exception cref="CaravanException">There is no tokenizer, or a broken one.</exception>
    public static Tokenizer Load(string path)
    {
        if (Directory.Exists(path))
        {
            return LoadFile(FindIn(path) ?? Find(path, Holders).FirstOrDefault() ?? throw new CaravanException(
                $"'{path}' holds no tokenizer: none of {Searched}, {string.Join(", ", Holders.Select(name => $"'{name}'"))} is there; download the model's tokenizer files too."));
        }

        if (File.Exists(path)) return LoadFile(path);
        return ByteVocabulary.Names.Contains(path)
            ? ByteVocabulary.Create(path)
            : throw new CaravanException($"There is no file or folder '{path}'; give a model's folder or tokenizer file.");
    }

    /// <summary>The tokenizer file of a model's folder, or null.</summary>
    public static string? FindIn(string folder) => AllIn(folder).FirstOrDefault()
        ?? (TokenizerConfigFiles.ClassOf(folder).StartsWith("ByT5", StringComparison.Ordinal) ? Path.Combine(folder, ConfigName) : null);

    /// <summary>All tokenizer files of a model's folder, the best first.</summary>
    public static IEnumerable<string> AllIn(string folder) => Find(folder, Names);

    private static IEnumerable<string> Find(string folder, string[] names) => names
        .SelectMany(name => Directory.GetFiles(folder, name).Order(StringComparer.Ordinal))
        .Where(path => Path.GetFileName(path) != "vocab.json" || File.Exists(Path.Combine(folder, "merges.txt")));

    private static Tokenizer LoadFile(string path)
    {
        byte[] head = Head(path);
        string name = Path.GetFileName(path);
        if (head.AsSpan().StartsWith("GGUF"u8))
        {
            using Checkpoint checkpoint = CheckpointReader.Open(path);
            return GgufVocabulary.Read(checkpoint.Metadata!, path);
        }

        ReadOnlySpan<byte> start = head.AsSpan().TrimStart("\uFEFF \t\r\n"u8);
        if (name == ConfigName) return ByteVocabulary.Load(path);
        if (start.StartsWith("{"u8))
            return name.StartsWith("vocab", StringComparison.Ordinal) ? VocabularyFiles.ReadVocabJson(path) : TokenizerJsonReader.Load(path);
        if (RwkvVocabulary.Recognises(head)) return RwkvVocabulary.Read(path);
        if (TiktokenFile.Recognises(head)) return TiktokenFile.Load(path);
        if (name.EndsWith(".txt", StringComparison.Ordinal)) return VocabularyFiles.ReadVocabText(path);
        // A SentencePiece model begins with its first piece: field 1, length-delimited.
        if (name.EndsWith(".bin", StringComparison.Ordinal) && !(head.Length > 2 && head[0] == 0x0A && head[2] == 0x0A)) return Llama2cVocabulary.Read(path);
        if (head.Length > 0 && head[0] == 0x0A) return SentencePieceFile.Load(path);
        throw new CaravanException(
            $"'{path}' is no tokenizer file that is known: it is not JSON, SentencePiece, tiktoken, GGUF, vocab.txt or llama2.c's tokenizer.bin; give the model's folder.");
    }

    /// <summary>The bytes of a file, when a file of its kind may be so large.</summary>
    /// <exception cref="CaravanException">The file is larger, or cannot be read.</exception>
    public static byte[] ReadAll(string path)
    {
        const long largest = 512L << 20;
        try
        {
            long length = new FileInfo(path).Length;
            if (length > largest)
                throw new CaravanException($"'{path}' has {length} bytes; a tokenizer file has at most {largest}, so this is another kind of file.");
            return File.ReadAllBytes(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"'{path}' cannot be read: {problem.Message}", problem);
        }
    }

    private static byte[] Head(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] head = new byte[Math.Min(64, stream.Length)];
            stream.ReadExactly(head);
            return head;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CaravanException($"'{path}' cannot be read: {problem.Message}", problem);
        }
    }
}
