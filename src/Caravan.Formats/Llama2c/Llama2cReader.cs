using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// Reads llama2.c checkpoints, versions 0 to 2. A llama2.c file presents itself as a GGUF: its rows of Q and K are in the same
/// adjacent-pair order as GGUF's llama, so it carries the <c>llama.*</c> keys and llama.cpp's tensor names.
/// </summary>
internal static class Llama2cReader
{
    /// <summary>
    /// Whether the bytes are a llama2.c checkpoint: the magic of versions 1 and later, or seven numbers that can be a version 0 header.
    /// A truncated checkpoint still looks like one, so that <see cref="Open"/> can say what is missing.
    /// </summary>
    public static bool LooksLike(NativeSpan<byte> bytes) => Llama2cHeader.HasMagic(bytes) || Llama2cHeader.TryRead(bytes, out _) is not null;

    /// <summary>Opens a checkpoint: float32 tensors are views of the mapped file, the grouped int8 matrices of version 2 become float32.</summary>
    /// <exception cref="CaravanException">The header is not plausible or the file has another size than the header asks for.</exception>
    public static Checkpoint Open(string path)
    {
        List<IDisposable> owned = [];
        try
        {
            MappedFile file = MappedFile.Open(path);
            owned.Add(file);
            Llama2cHeader header = Llama2cHeader.TryRead(file.Bytes, out string problem)
                ?? throw new CaravanException($"'{path}' is not a llama2.c checkpoint that can be read: it {problem}.");
            CheckSize(path, header, file.Bytes.Length);
            return new Checkpoint(path, $"llama2.c version {header.Version}", ReadTensors(file.Bytes, header, owned), owned)
            {
                Metadata = Describe(header),
            };
        }
        catch
        {
            foreach (IDisposable item in owned) item.Dispose();
            throw;
        }
    }

    private static void CheckSize(string path, Llama2cHeader header, long found)
    {
        long expected = Llama2cLayout.FileBytes(header);
        if (expected == found) return;
        throw new CaravanException(
            $"'{path}' holds {found} bytes; its llama2.c version {header.Version} header (dim {header.Dimension}, " +
            $"hidden_dim {header.HiddenDimension}, n_layers {header.Layers}, vocab_size {header.Vocabulary}) asks for exactly {expected}; " +
            (found < expected ? "the download stopped early, fetch it again." : "the file has been changed or is of another format."));
    }

    private static OrderedDictionary<string, TensorEntry> ReadTensors(NativeSpan<byte> bytes, Llama2cHeader header, List<IDisposable> owned)
    {
        OrderedDictionary<string, TensorEntry> tensors = new(StringComparer.Ordinal);
        NativeSpan<byte> decoded = AllocateDecoded(header, owned);
        long offset = header.Bytes;
        long decodedOffset = 0;
        foreach (Llama2cTensor tensor in Llama2cLayout.Tensors(header))
        {
            NativeSpan<byte> data = bytes.Slice(offset, tensor.Bytes(header.GroupSize));
            offset += data.Length;
            if (tensor.Name is null) continue;
            if (tensor.Grouped)
            {
                NativeSpan<byte> values = decoded.Slice(decodedOffset, tensor.Elements * sizeof(float));
                decodedOffset += values.Length;
                Llama2cGroups.Decode(data, header.GroupSize, values.Cast<float>());
                data = values;
            }

            tensors.Add(tensor.Name, new TensorEntry(tensor.Name, DType.F32, tensor.Shape, data));
        }

        return tensors;
    }

    /// <summary>Room for all grouped matrices as float32: at most four times the file, whose size has been checked.</summary>
    private static NativeSpan<byte> AllocateDecoded(Llama2cHeader header, List<IDisposable> owned)
    {
        long bytes = Llama2cLayout.Tensors(header).Where(tensor => tensor.Grouped).Sum(tensor => tensor.Elements * sizeof(float));
        if (bytes == 0) return default;
        NativeBuffer buffer = new(bytes, clear: false);
        owned.Add(buffer);
        return buffer.Bytes;
    }

    /// <summary>The header under GGUF's keys; the epsilon and the rotary base are constants in <c>run.c</c>.</summary>
    private static GgufMetadata Describe(Llama2cHeader header)
    {
        GgufMetadata metadata = new();
        metadata.Set("general.architecture", "llama");
        metadata.Set("llama.context_length", (uint)header.Context);
        metadata.Set("llama.embedding_length", (uint)header.Dimension);
        metadata.Set("llama.block_count", (uint)header.Layers);
        metadata.Set("llama.feed_forward_length", (uint)header.HiddenDimension);
        metadata.Set("llama.attention.head_count", (uint)header.Heads);
        metadata.Set("llama.attention.head_count_kv", (uint)header.KeyValueHeads);
        metadata.Set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        metadata.Set("llama.rope.dimension_count", (uint)header.HeadDimension);
        metadata.Set("llama.rope.freq_base", 10000f);
        metadata.Set("llama.vocab_size", (uint)header.Vocabulary);
        return metadata;
    }
}
