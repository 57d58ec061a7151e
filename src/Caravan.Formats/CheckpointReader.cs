using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>Opens a model whatever its format, going by what the file holds and not by its name.</summary>
public static class CheckpointReader
{
    /// <summary>How many of a file's first bytes decide; enough for every magic number.</summary>
    private const int StartBytes = 64;

    /// <summary>A format: what people call it, how its first bytes are told from others, and its reader.</summary>
    private sealed record Format(string Name, Func<NativeSpan<byte>, bool> LooksLike, Func<string, Checkpoint> Open);

    /// <summary>Every file format; the first that recognises a file reads it.</summary>
    private static readonly Format[] Formats =
    [
        new("GGUF", bytes => GgufFile.LooksLike(Start(bytes)), GgufReader.Open),
    ];

    /// <summary>
    /// Opens the model at <paramref name="path"/>: a GGUF file (or one part of a split one), a safetensors file, a PyTorch file,
    /// a llama2.c file, or a Hugging Face folder.
    /// </summary>
    /// <exception cref="CaravanException">It is missing, damaged, or in no known format.</exception>
    public static Checkpoint Open(string path)
    {
        Func<string, Checkpoint> open;
        using (MappedFile file = MappedFile.Open(path)) open = Recognise(file);
        return open(path);
    }

    private static Func<string, Checkpoint> Recognise(MappedFile file)
    {
        foreach (Format format in Formats)
            if (format.LooksLike(file.Bytes)) return format.Open;

        ReadOnlySpan<byte> start = Start(file.Bytes);
        throw new CaravanException(
            $"'{file.Path}' is in no known model format: it begins with the bytes {ByteText.Of(start[..Math.Min(8, start.Length)])}; " +
            $"known are {string.Join(", ", Formats.Select(format => format.Name))} and Hugging Face folders.");
    }

    private static ReadOnlySpan<byte> Start(NativeSpan<byte> bytes) => bytes.AsSpan(0, (int)Math.Min(StartBytes, bytes.Length));
}
