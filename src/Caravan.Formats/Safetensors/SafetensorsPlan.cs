using System.Buffers.Binary;
using System.Text.Json;

namespace Caravan.Formats;

/// <summary>A safetensors file to be written: tensors in the order of their data, and the header that describes them.</summary>
internal sealed class SafetensorsPlan
{
    private const int HeaderAlignment = 8;

    private readonly TensorSource[] tensors;
    private readonly byte[] header;

    /// <summary>Lays out the tensors: wide elements first, so that every one is aligned to its element although no holes are allowed.</summary>
    /// <exception cref="CaravanException">A tensor cannot be stored in safetensors, or two have one name.</exception>
    public SafetensorsPlan(string path, IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string>? annotations)
    {
        TensorSource.CheckNames(tensors);
        Path = path;
        this.tensors = [.. tensors.OrderByDescending(tensor => TypeOf(tensor).Bits)];
        TensorBytes = tensors.Sum(tensor => tensor.Bytes);
        header = WriteHeader(this.tensors, annotations);
    }

    /// <summary>Where the file is to be.</summary>
    public string Path { get; }

    /// <summary>The tensors, in the order of their data.</summary>
    public IReadOnlyList<TensorSource> Tensors => tensors;

    /// <summary>Bytes of the tensors.</summary>
    public long TensorBytes { get; }

    /// <summary>Bytes of the file.</summary>
    public long FileBytes => header.Length + TensorBytes;

    /// <summary>Writes everything to a file that is still to be committed.</summary>
    /// <exception cref="CaravanException">The file cannot be written; nothing is left behind.</exception>
    public AtomicFile Fill(WriteProgress progress, WriteOptions options)
    {
        AtomicFile file = AtomicFile.Create(Path, FileBytes, progress, options);
        try
        {
            file.Output.Write(header);
            foreach (TensorSource tensor in tensors) tensor.WriteTo(file.Output);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static byte[] WriteHeader(IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string>? annotations)
    {
        using MemoryStream header = new();
        header.Write(new byte[SafetensorsFile.LengthBytes]);
        using (Utf8JsonWriter json = new(header))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            if (annotations?.ContainsKey("format") != true) json.WriteString("format", "pt");
            foreach ((string key, string value) in annotations ?? new Dictionary<string, string>()) json.WriteString(key, value);
            json.WriteEndObject();
            long begin = 0;
            foreach (TensorSource tensor in tensors)
            {
                WriteTensor(json, tensor, begin);
                begin += tensor.Bytes;
            }

            json.WriteEndObject();
        }

        while (header.Length % HeaderAlignment != 0) header.WriteByte((byte)' ');
        byte[] bytes = header.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - SafetensorsFile.LengthBytes);
        return bytes;
    }

    private static void WriteTensor(Utf8JsonWriter json, TensorSource tensor, long begin)
    {
        if (tensor.Name == SafetensorsHeader.MetadataKey)
            throw new CaravanException($"A tensor cannot be named '{SafetensorsHeader.MetadataKey}' in a safetensors file; rename it.");
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", TypeOf(tensor).Name);
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.Shape) json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(begin + tensor.Bytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static SafetensorsType TypeOf(TensorSource tensor) => SafetensorsTypes.Of(tensor.DType)
        ?? throw new CaravanException(
            $"Tensor '{tensor.Name}' is {tensor.DType}, for which safetensors has no type; write a GGUF file, or convert it to F16 or F32.");
}
