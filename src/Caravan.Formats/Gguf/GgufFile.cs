using System.Numerics;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>One GGUF file, mapped and parsed: its version, metadata and tensors.</summary>
/// <remarks>Source: the GGUF specification (ggml, docs/gguf.md), versions 2 and 3, little-endian.</remarks>
internal sealed class GgufFile : IDisposable
{
    private const int SmallestPair = sizeof(ulong) + sizeof(uint) + 1;

    private readonly MappedFile file;

    private GgufFile(MappedFile file)
    {
        this.file = file;
        GgufCursor cursor = new(file.Bytes.AsSpan(0, (int)Math.Min(file.Bytes.Length, int.MaxValue)), file.Path);
        Version = ReadVersion(ref cursor);
        ulong tensorCount = cursor.Read<ulong>();
        ulong pairCount = cursor.Read<ulong>();
        cursor.CheckCount(tensorCount, GgufTensors.SmallestInfo, "tensors");
        cursor.CheckCount(pairCount, SmallestPair, "metadata pairs");
        Metadata = ReadMetadata(ref cursor, (int)pairCount);
        Tensors = GgufTensors.Read(ref cursor, (int)tensorCount, Alignment(Metadata, file.Path), file.Bytes);
    }

    /// <summary>The path that was opened.</summary>
    public string Path => file.Path;

    /// <summary>The format version: 2 or 3.</summary>
    public uint Version { get; }

    /// <summary>The key-value pairs.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors, in file order.</summary>
    public OrderedDictionary<string, TensorEntry> Tensors { get; }

    /// <summary>Whether the bytes begin as a GGUF file does.</summary>
    public static bool LooksLike(ReadOnlySpan<byte> start) => start.StartsWith("GGUF"u8);

    /// <summary>Maps and parses the file.</summary>
    /// <exception cref="CaravanException">It cannot be read or is not a sound GGUF file.</exception>
    public static GgufFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new GgufFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The alignment that the metadata of the file at <paramref name="path"/> asks for.</summary>
    /// <exception cref="CaravanException">It is not a power of two.</exception>
    public static int Alignment(GgufMetadata metadata, string path)
    {
        if (!metadata.TryGet(GgufKeys.Alignment, out object? value)) return GgufKeys.DefaultAlignment;
        return value is uint alignment and > 0 and <= 1 << 30 && BitOperations.IsPow2(alignment)
            ? (int)alignment
            : throw new CaravanException(
                $"'{path}': '{GgufKeys.Alignment}' is {value} ({value.GetType().Name}); a power of two stored as UInt32 was expected.");
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => file.Dispose();

    private static uint ReadVersion(ref GgufCursor cursor)
    {
        uint magic = cursor.Read<uint>();
        if (magic != 0x46554747)
        {
            throw new CaravanException(
                $"'{cursor.Path}' is not a GGUF file: it begins with the bytes {ByteText.Of(BitConverter.GetBytes(magic))}; 'GGUF' was expected.");
        }

        uint version = cursor.Read<uint>();
        return version switch
        {
            2 or 3 => version,
            1 => throw new CaravanException(
                $"'{cursor.Path}' is a GGUF file of version 1, which was replaced in 2023; versions 2 and 3 are read; download a newer file of the model."),
            _ when (version & 0xFFFF) == 0 && version != 0 => throw new CaravanException(
                $"'{cursor.Path}' is a big-endian GGUF file; only little-endian files are read; download the little-endian file of the model."),
            _ => throw new CaravanException($"'{cursor.Path}' is a GGUF file of version {version}; versions 2 and 3 are read."),
        };
    }

    private static GgufMetadata ReadMetadata(ref GgufCursor cursor, int count)
    {
        GgufMetadata metadata = new();
        for (int i = 0; i < count; i++)
        {
            cursor.Where = $"metadata key {i + 1} of {count}";
            string key = cursor.ReadName();
            cursor.Where = $"the value of '{key}'";
            object value = GgufValues.Read(ref cursor, (GgufValueType)cursor.Read<uint>());
            if (metadata.Contains(key)) throw new CaravanException($"'{cursor.Path}' is damaged: the metadata key '{key}' occurs twice.");
            metadata.Set(key, value);
        }

        return metadata;
    }
}
