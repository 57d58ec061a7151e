using Caravan.Formats;

namespace Caravan.Text;

/// <summary>Finds out what a path holds and reads it.</summary>
internal static class TokenizerFiles
{
    /// <summary>Files that a folder is searched for, best first.</summary>
    private static readonly string[] Names = ["tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json", "vocab.txt"];

    /// <summary>Reads a file or folder.</summary>
    /// <exception cref="CaravanException">There is no tokenizer, or a broken one.</exception>
    public static Tokenizer Load(string path)
    {
        if (Directory.Exists(path)) return LoadFolder(path);
        if (!File.Exists(path)) throw new CaravanException($"There is no file or folder '{path}'; give a model's folder or tokenizer file.");
        return LoadFile(path);
    }

    private static Tokenizer LoadFolder(string folder)
    {
        foreach (string name in Names)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path) && !(name == "vocab.json" && !File.Exists(Path.Combine(folder, "merges.txt")))) return LoadFile(path);
        }

        string[] rwkv = [.. Directory.GetFiles(folder, RwkvVocabulary.NameStart + "*.txt").Order(StringComparer.Ordinal)];
        if (rwkv.Length > 0) return LoadFile(rwkv[0]);
        string[] gguf = [.. Directory.GetFiles(folder, "*.gguf").Order(StringComparer.Ordinal)];
        if (gguf.Length > 0) return LoadFile(gguf[0]);
        string[] llama2c = [.. Directory.GetFiles(folder, "tok*.bin").Order(StringComparer.Ordinal)];
        if (llama2c.Length > 0) return LoadFile(llama2c[0]);
        throw new CaravanException(
            $"'{folder}' holds no tokenizer: none of {string.Join(", ", Names)}, *.gguf, tok*.bin is there; download the model's tokenizer files too.");
    }

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
        if (start.StartsWith("{"u8))
            return name.StartsWith("vocab", StringComparison.Ordinal) ? VocabularyFiles.ReadVocabJson(path) : TokenizerJsonReader.Load(path);
        if (name.StartsWith(RwkvVocabulary.NameStart, StringComparison.Ordinal)) return RwkvVocabulary.Read(path);
        if (name.EndsWith(".txt", StringComparison.Ordinal)) return VocabularyFiles.ReadVocabText(path);
        // A SentencePiece model begins with its first piece: field 1, length-delimited.
        if (name.EndsWith(".bin", StringComparison.Ordinal) && !(head.Length > 2 && head[0] == 0x0A && head[2] == 0x0A)) return Llama2cVocabulary.Read(path);
        if (head.Length > 0 && head[0] == 0x0A) return SentencePieceFile.Load(path);
        throw new CaravanException(
            $"'{path}' is no tokenizer file that is known: it is not JSON, SentencePiece, GGUF, vocab.txt or llama2.c's tokenizer.bin; give the model's folder.");
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
