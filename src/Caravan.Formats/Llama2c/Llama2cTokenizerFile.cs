using System.Buffers.Binary;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// The vocabulary that lies beside a llama2.c checkpoint (<c>tokenizer.bin</c>): for every token a merge score and its bytes.
/// The file has no count and is read to its end.
/// </summary>
/// <remarks>Source: karpathy/llama2.c, <c>tokenizer.py</c>: int32 longest token, then per token float32 score, int32 length, bytes.</remarks>
internal sealed class Llama2cTokenizerFile
{
    private Llama2cTokenizerFile(string path, int maximumTokenLength, IReadOnlyList<byte[]> pieces, IReadOnlyList<float> scores)
    {
        Path = path;
        MaximumTokenLength = maximumTokenLength;
        Pieces = pieces;
        Scores = scores;
    }

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>Bytes of the longest token, as the file says.</summary>
    public int MaximumTokenLength { get; }

    /// <summary>The bytes of each token by id; a blank is a plain blank, byte tokens are written <c>&lt;0x0A&gt;</c>.</summary>
    public IReadOnlyList<byte[]> Pieces { get; }

    /// <summary>The merge score of each token by id; the best-scoring pair is merged first.</summary>
    public IReadOnlyList<float> Scores { get; }

    /// <summary>Reads a vocabulary file.</summary>
    /// <exception cref="CaravanException">The file is missing, ends inside a token, or holds no tokens.</exception>
    public static Llama2cTokenizerFile Read(string path)
    {
        using MappedFile file = MappedFile.Open(path);
        NativeSpan<byte> bytes = file.Bytes;
        if (bytes.Length < 4) throw Malformed(path, $"it holds {bytes.Length} bytes where the length of the longest token takes 4");
        int maximum = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(0, 4));
        if (maximum <= 0) throw Malformed(path, $"it says that the longest token has {maximum} bytes");
        List<byte[]> pieces = [];
        List<float> scores = [];
        for (long offset = 4; offset < bytes.Length;)
        {
            if (bytes.Length - offset < 8) throw Malformed(path, $"it ends inside the score and length of token {pieces.Count}");
            ReadOnlySpan<byte> head = bytes.AsSpan(offset, 8);
            float score = BinaryPrimitives.ReadSingleLittleEndian(head);
            int length = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
            offset += 8;
            if (!float.IsFinite(score)) throw Malformed(path, $"the score of token {pieces.Count} is {score}");
            if (length < 0 || length > bytes.Length - offset)
                throw Malformed(path, $"token {pieces.Count} at byte {offset - 8} says {length} bytes where {bytes.Length - offset} remain");
            pieces.Add(bytes.AsSpan(offset, length).ToArray());
            scores.Add(score);
            offset += length;
        }

        if (pieces.Count == 0) throw Malformed(path, "it holds no tokens");
        return new Llama2cTokenizerFile(path, maximum, pieces, scores);
    }

    /// <summary>
    /// The vocabulary file in the folder of a checkpoint, or null when there is none: for <c>model.bin</c> with 512 tokens
    /// <c>model.tokenizer.bin</c>, <c>tok512.bin</c> or <c>tokenizer.bin</c>, in that order.
    /// </summary>
    /// <param name="checkpointPath">The checkpoint file.</param>
    /// <param name="vocabularySize">The number of tokens that its header says.</param>
    /// <param name="tried">The names that were looked for, for the message to the user.</param>
    public static string? FindBeside(string checkpointPath, long vocabularySize, out IReadOnlyList<string> tried)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(checkpointPath)) ?? "";
        tried = [$"{System.IO.Path.GetFileNameWithoutExtension(checkpointPath)}.tokenizer.bin", $"tok{vocabularySize}.bin", "tokenizer.bin"];
        return tried.Select(name => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    private static CaravanException Malformed(string path, string what) =>
        new($"'{path}' is not a llama2.c vocabulary: {what}; export it again with llama2.c's tokenizer.py.");
}
