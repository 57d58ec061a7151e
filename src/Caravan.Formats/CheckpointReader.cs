using System.Text;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>Opens a model whatever its format, going by what the file holds and not by its name.</summary>
internal static class CheckpointReader
{
    /// <summary>How many of a file's first bytes decide; enough for every magic number.</summary>
    private const int StartBytes = 64;

    /// <summary>A format: what people call it, how its first bytes are told from others, and its reader.</summary>
    private sealed record Format(string Name, Func<NativeSpan<byte>, bool> LooksLike, Func<string, Checkpoint> Open);

    /// <summary>Every file format; the first that recognises a file reads it. llama2.c is last: its files have no magic number, only plausible sizes.</summary>
    private static readonly Format[] Formats =
    [
        new("GGUF", bytes => GgufFile.LooksLike(Start(bytes)), GgufReader.Open),
        new("safetensors", bytes => SafetensorsFile.LooksLike(Start(bytes)), SafetensorsReader.Open),
        new("PyTorch", PyTorchReader.LooksLike, PyTorchReader.Open),
        new("llama2.c", Llama2cReader.LooksLike, Llama2cReader.Open),
    ];

    /// <summary>What people give instead of a model, by its first characters, and what to do about it.</summary>
    private static readonly (string Start, string Sentence)[] Mistakes =
    [
        ("version https://git-lfs", "is a Git LFS pointer and not the model itself; run 'git lfs pull' in its folder."),
        ("<!DOCTYPE", "is a web page and not a model; check the address it was downloaded from."),
        ("<html", "is a web page and not a model; check the address it was downloaded from."),
        ("lmgg", "is a GGML file from before GGUF; convert it with a llama.cpp of 2023, or download a GGUF file of the model."),
        ("fmgg", "is a GGMF file from before GGUF; convert it with a llama.cpp of 2023, or download a GGUF file of the model."),
        ("tjgg", "is a GGJT file from before GGUF; convert it with a llama.cpp of 2023, or download a GGUF file of the model."),
        ("{", "is a JSON file and not a model; give the folder that holds it."),
    ];

    /// <summary>
    /// Opens the model at <paramref name="path"/>: a GGUF file (or one part of a split one), a safetensors file, a PyTorch file,
    /// a llama2.c file, or a Hugging Face folder.
    /// </summary>
    /// <exception cref="CaravanException">It is missing, damaged, or in no known format.</exception>
    public static Checkpoint Open(string path)
    {
        if (path.Length == 0 || path.Contains('\0')) throw new CaravanException($"'{path}' is not a path; give a model file or folder.");
        if (Directory.Exists(path)) return HuggingFaceFolder.Open(path);
        Func<string, Checkpoint> open;
        using (MappedFile file = MappedFile.Open(path)) open = Recognise(file);
        return open(path);
    }

    private static Func<string, Checkpoint> Recognise(MappedFile file)
    {
        foreach (Format format in Formats)
            if (format.LooksLike(file.Bytes)) return format.Open;

        ReadOnlySpan<byte> start = Start(file.Bytes);
        foreach ((string known, string sentence) in Mistakes)
            if (start.StartsWith(Encoding.ASCII.GetBytes(known))) throw new CaravanException($"'{file.Path}' {sentence}");
        throw new CaravanException(
            $"'{file.Path}' is in no known model format: it begins with the bytes {ByteText.Of(start[..Math.Min(8, start.Length)])}; " +
            $"known are {string.Join(", ", Formats.Select(format => format.Name))} and Hugging Face folders.");
    }

    private static ReadOnlySpan<byte> Start(NativeSpan<byte> bytes) => bytes.AsSpan(0, (int)Math.Min(StartBytes, bytes.Length));
}
