using System.Buffers.Binary;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>The sizes at the start of a llama2.c checkpoint, checked for plausibility before anything is computed from them.</summary>
/// <remarks>
/// Source: karpathy/llama2.c, <c>export.py</c> and <c>run.c</c>. Version 0 is seven little-endian int32 (a negative vocabulary size means
/// a separate classifier); versions 1 and 2 start with the bytes <c>24ka</c>, a version, the same seven numbers, a byte that is 1
/// when the classifier is the embedding, in version 2 the group size, and zeros up to byte 256.
/// </remarks>
internal sealed record Llama2cHeader(
    int Version,
    int Dimension,
    int HiddenDimension,
    int Layers,
    int Heads,
    int KeyValueHeads,
    int Vocabulary,
    int Context,
    bool SharedClassifier,
    int GroupSize)
{
    /// <summary>The bytes <c>24ka</c> read as a little-endian number.</summary>
    public const uint Magic = 0x616b3432;

    /// <summary>Bytes of the version 0 header.</summary>
    public const int LegacyBytes = 28;

    /// <summary>Bytes of the header of versions 1 and 2, padding included.</summary>
    public const int PaddedBytes = 256;

    // Far beyond every llama2.c model, and small enough that seven random numbers hardly ever pass.
    private const int MaximumDimension = 1 << 20;
    private const int MaximumHiddenDimension = 1 << 22;
    private const int MaximumLayers = 1 << 12;
    private const int MaximumVocabulary = 1 << 24;
    private const int MaximumContext = 1 << 24;

    /// <summary>Elements of one head: the model dimension shared out over the query heads.</summary>
    public int HeadDimension => Dimension / Heads;

    /// <summary>Rows of the key and value projections.</summary>
    public int KeyValueDimension => HeadDimension * KeyValueHeads;

    /// <summary>Bytes before the first tensor.</summary>
    public int Bytes => Version == 0 ? LegacyBytes : PaddedBytes;

    /// <summary>Whether the bytes start with the magic of versions 1 and later.</summary>
    public static bool HasMagic(NativeSpan<byte> bytes) =>
        bytes.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(0, 4)) == Magic;

    /// <summary>Reads the header; the reason it is not one goes to <paramref name="problem"/>.</summary>
    public static Llama2cHeader? TryRead(NativeSpan<byte> bytes, out string problem)
    {
        bool padded = HasMagic(bytes);
        int size = padded ? PaddedBytes : LegacyBytes;
        if (bytes.Length < size)
        {
            problem = $"holds {bytes.Length} bytes, fewer than its {size}-byte header";
            return null;
        }

        ReadOnlySpan<byte> span = bytes.AsSpan(0, size);
        int version = padded ? Number(span, 1) : 0;
        if (padded && version is not (1 or 2))
        {
            problem = $"is version {version}; versions 0, 1 and 2 can be read";
            return null;
        }

        int first = padded ? 2 : 0;
        int vocabulary = Number(span, first + 5);
        bool shared = padded ? span[36] != 0 : vocabulary > 0;
        Llama2cHeader header = new(
            version,
            Number(span, first),
            Number(span, first + 1),
            Number(span, first + 2),
            Number(span, first + 3),
            Number(span, first + 4),
            padded || vocabulary > 0 || vocabulary == int.MinValue ? vocabulary : -vocabulary,
            Number(span, first + 6),
            shared,
            version == 2 ? BinaryPrimitives.ReadInt32LittleEndian(span[37..]) : 0);
        problem = header.Problem() ?? "";
        return problem.Length == 0 ? header : null;
    }

    private static int Number(ReadOnlySpan<byte> span, int index) => BinaryPrimitives.ReadInt32LittleEndian(span[(4 * index)..]);

    /// <summary>The first size that cannot be, or null when all can.</summary>
    private string? Problem() =>
        Outside("dim", Dimension, MaximumDimension)
        ?? Outside("hidden_dim", HiddenDimension, MaximumHiddenDimension)
        ?? Outside("n_layers", Layers, MaximumLayers)
        ?? Outside("n_heads", Heads, Dimension)
        ?? Outside("n_kv_heads", KeyValueHeads, Heads)
        ?? Outside("vocab_size", Vocabulary, MaximumVocabulary)
        ?? Outside("seq_len", Context, MaximumContext)
        ?? Indivisible("dim", Dimension, "n_heads", Heads)
        ?? Indivisible("the head size", HeadDimension, "the rotary pair", 2)
        ?? Indivisible("n_heads", Heads, "n_kv_heads", KeyValueHeads)
        ?? (Version == 2 ? Outside("group_size", GroupSize, Dimension) ?? Indivisible("dim", Dimension, "group_size", GroupSize) : null);

    private static string? Outside(string name, int value, int maximum) =>
        value > 0 && value <= maximum ? null : $"says {name} {value}; 1 to {maximum} was expected";

    private static string? Indivisible(string name, int value, string divisorName, int divisor) =>
        value % divisor == 0 ? null : $"says {name} {value}, which is not a multiple of {divisorName} {divisor}";
}
