using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Weights;

/// <summary>Writes a GGUF file: the model's description under GGUF's keys, its tokenizer, its tensors.</summary>
/// <remarks>Source: the GGUF specification (ggml, docs/gguf.md).</remarks>
internal static class GgufTarget
{
    private const uint QuantizationVersion = 2;

    /// <summary>The canonical name of the divisors of rotary frequencies.</summary>
    private const string Divisors = "rotary_divisors";

    /// <summary>Writes the file.</summary>
    public static void Write(Conversion conversion, string path, TensorEncoder encoder, WriteOptions options)
    {
        List<TensorSource> tensors = [.. conversion.Tensors.Select(encoder.Source)];
        GgufMetadata metadata = Describe(conversion);
        foreach ((string canonical, float[] values) in TablesOf(conversion.Spec.Rotaries.FirstOrDefault()))
        {
            byte[] bytes = new byte[values.Length * sizeof(float)];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            string name = conversion.Target.NamesOnDisk(canonical, gguf: true).First().Name;
            tensors.Add(new TensorSource(name, DType.F32, [values.Length], stream => stream.Write(bytes)));
        }

        GgufWriter.Write(path, metadata, tensors, options);
    }

    private static IEnumerable<(string Canonical, float[] Values)> TablesOf(RotarySpec? rotary) =>
        rotary is not null && RotaryDivisors.Of(rotary) is { } divisors ? [(Divisors, divisors)] : rotary?.Scaling?.Tables ?? [];

    private static GgufMetadata Describe(Conversion conversion)
    {
        GgufMetadata metadata = new();
        string architecture = conversion.FromGguf
            ? FamilyCatalog.ArchitectureOf(conversion.Model.Checkpoint)!
            : conversion.Target.GgufArchitectures[0];
        metadata.Set("general.architecture", architecture);
        if (conversion.Model.Checkpoint.Metadata is { } own)
            foreach ((string key, object value) in own.Pairs)
                if (!Replaces(key, conversion.Options)) metadata.Set(key, value);
        SetIfAbsent(metadata, "general.type", "model");
        SetIfAbsent(metadata, "general.name", NameOf(conversion.Model.Path));
        Describe(conversion, metadata, architecture + ".");
        metadata.Set("general.file_type", conversion.FileType);
        metadata.Set("general.quantization_version", QuantizationVersion);
        new TokenizerTransfer(conversion).ToGguf(metadata);
        return metadata;
    }

    /// <summary>What a source says itself stays as it says it.</summary>
    private static void Describe(Conversion conversion, GgufMetadata metadata, string prefix)
    {
        ConfigWriter config = new(gguf: true);
        conversion.Target.Describe(conversion.Spec, config);
        RotarySpec? rotary = conversion.Spec.Rotaries.FirstOrDefault();
        if (!conversion.FromGguf && rotary?.Scaling is { } scaling && RotaryDivisors.Of(rotary) is null && !scaling.Describe(config))
            conversion.DropScaling(scaling.GetType().Name);
        foreach (GgufConfigKeys.Row row in GgufConfigKeys.All)
            if (config.Values.TryGetValue(row.HuggingFace, out object? value)) SetIfAbsent(metadata, prefix + row.Gguf, Stored(value));
        foreach ((string key, object value) in config.Values)
            if (GgufConfigKeys.Find(key) is null) SetIfAbsent(metadata, key.StartsWith("tokenizer.", StringComparison.Ordinal) ? key : prefix + key, Stored(value));
    }

    /// <summary>A tokenizer that is given replaces the source's, with every key of it.</summary>
    private static bool Replaces(string key, ConvertOptions options) =>
        options.TokenizerPath is not null && key.StartsWith("tokenizer.", StringComparison.Ordinal);

    /// <summary>Sizes are uint32 and reals float32 in GGUF.</summary>
    private static object Stored(object value) => value switch
    {
        int whole => (uint)whole,
        double real => (float)real,
        _ => value,
    };

    private static void SetIfAbsent(GgufMetadata metadata, string key, object value)
    {
        if (!metadata.Contains(key)) metadata.Set(key, value);
    }

    private static string NameOf(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Directory.Exists(full) ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full);
    }
}
