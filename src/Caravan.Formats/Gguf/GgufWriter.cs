using System.Text;

namespace Caravan.Formats;

/// <summary>Writes GGUF files of version 3.</summary>
/// <remarks>Source: the GGUF specification (ggml, docs/gguf.md).</remarks>
internal static class GgufWriter
{
    /// <summary>ggml's limits, which llama.cpp enforces when it loads a file.</summary>
    private const int LongestName = 63, MostDimensions = 4;

    /// <summary>
    /// Writes the metadata in order, then the tensors in order, each aligned to <c>general.alignment</c> (32 when the metadata has none).
    /// The file appears under <paramref name="path"/> only when it is complete.
    /// </summary>
    /// <exception cref="CaravanException">A value or tensor cannot be stored in GGUF, or the file cannot be written; nothing is left behind.</exception>
    public static void Write(string path, GgufMetadata metadata, IReadOnlyList<TensorSource> tensors, WriteOptions? options = null)
    {
        options ??= new WriteOptions();
        int alignment = GgufFile.Alignment(metadata, path);
        byte[] header = Header(metadata, tensors, alignment);
        long total = Aligned(header.Length, alignment) + tensors.Sum(tensor => Aligned(tensor.Bytes, alignment));
        using AtomicFile file = AtomicFile.Create(path, total, new WriteProgress(total, options), options);
        file.Output.Write(header);
        Pad(file.Output, alignment);
        foreach (TensorSource tensor in tensors)
        {
            tensor.WriteTo(file.Output);
            Pad(file.Output, alignment);
        }

        file.Commit();
    }

    private static byte[] Header(GgufMetadata metadata, IReadOnlyList<TensorSource> tensors, int alignment)
    {
        TensorSource.CheckNames(tensors);
        using MemoryStream header = new();
        using BinaryWriter writer = new(header, Encoding.UTF8);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Pairs.Count);
        foreach ((string key, object value) in metadata.Pairs) GgufValues.WritePair(writer, key, value);
        long offset = 0;
        foreach (TensorSource tensor in tensors)
        {
            WriteInfo(writer, tensor, offset);
            offset += Aligned(tensor.Bytes, alignment);
        }

        return header.ToArray();
    }

    private static void WriteInfo(BinaryWriter writer, TensorSource tensor, long offset)
    {
        string what = $"Tensor '{tensor.Name}' ({tensor.DType} [{string.Join(", ", tensor.Shape)}]) cannot be stored in GGUF: ";
        if (GgufTypes.Of(tensor.DType) is not { } type) throw new CaravanException($"{what}it has no type for {tensor.DType}; convert it to I8 or I32.");
        if (Encoding.UTF8.GetByteCount(tensor.Name) > LongestName) throw new CaravanException($"{what}names have at most {LongestName} bytes.");
        if (tensor.Shape.Length > MostDimensions) throw new CaravanException($"{what}it has at most {MostDimensions} dimensions; reshape it.");
        if (tensor.Shape.Length > 0 && tensor.Shape[^1] % type.BlockElements != 0)
            throw new CaravanException($"{what}its rows must fill whole blocks of {type.BlockElements}; store it as F16 or Q8_0.");
        GgufValues.WriteText(writer, tensor.Name);
        writer.Write((uint)tensor.Shape.Length);
        foreach (long dimension in tensor.Shape.Reverse()) writer.Write((ulong)dimension);
        writer.Write(type.Id);
        writer.Write((ulong)offset);
    }

    private static long Aligned(long bytes, int alignment) => (bytes + alignment - 1) / alignment * alignment;

    private static void Pad(OutputStream stream, int alignment) => stream.Write(new byte[Aligned(stream.Position, alignment) - stream.Position]);
}
