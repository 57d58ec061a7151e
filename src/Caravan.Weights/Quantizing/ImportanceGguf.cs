using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>
/// Importance matrices as GGUF files: for each matrix the tensors <c>NAME.in_sum2</c> [matrices, columns], the sums of squares, and
/// <c>NAME.counts</c> [matrices, 1]; stacked experts are several matrices.
/// </summary>
/// <remarks>Source: the files of llama.cpp's llama-imatrix (tools/imatrix, since 2025).</remarks>
internal static class ImportanceGguf
{
    private const string Type = "imatrix", Datasets = "imatrix.datasets", ChunkCount = "imatrix.chunk_count", ChunkSize = "imatrix.chunk_size";
    private const string Squares = ".in_sum2", Counts = ".counts";

    public static ImportanceMatrix Read(string path)
    {
        using Checkpoint file = CheckpointReader.Open(path);
        GgufMetadata metadata = file.Metadata!;
        if (metadata.String("general.type") is { } type && type != Type)
            throw new CaravanException($"'{path}' is a GGUF file of the type '{type}', and not an importance matrix; give a file of llama-imatrix or a text.");
        OrderedDictionary<string, ImportanceSums> tensors = new(StringComparer.Ordinal);
        foreach (TensorEntry entry in file.Tensors.Values)
        {
            if (!entry.Name.EndsWith(Squares, StringComparison.Ordinal)) continue;
            string name = entry.Name[..^Squares.Length];
            if (!file.Tensors.TryGetValue(name + Counts, out TensorEntry? counts))
                throw new CaravanException($"'{path}': the tensor '{entry.Name}' has no '{name + Counts}' beside it; make the importance matrix again.");
            float[] count = Values(path, counts);
            float[] squares = Values(path, entry);
            if (count.Length == 0 || squares.Length % count.Length != 0 || count.Any(number => !(number >= 0 && float.IsFinite(number))))
                throw new CaravanException($"'{path}': the counts of '{name}' do not fit its {squares.Length} sums; make the importance matrix again.");
            if (count.Any(number => number > 0)) tensors.Add(name, new ImportanceSums(squares, count));
        }

        if (tensors.Count == 0) throw new CaravanException($"'{path}' is a GGUF file without importances; give a file of llama-imatrix or a text.");
        return new ImportanceMatrix(tensors, metadata.Strings(Datasets) ?? [], Whole(metadata, ChunkCount), Whole(metadata, ChunkSize));
    }

    public static void Write(ImportanceMatrix matrix, string path)
    {
        GgufMetadata metadata = new();
        metadata.Set("general.type", Type);
        metadata.Set(Datasets, matrix.Datasets.ToArray());
        metadata.Set(ChunkCount, (uint)matrix.Chunks);
        metadata.Set(ChunkSize, (uint)matrix.ChunkTokens);
        List<TensorSource> tensors = [];
        foreach ((string name, ImportanceSums sums) in matrix.Sums.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            tensors.Add(Source(name + Squares, sums.Squares, sums.Counts.Length));
            tensors.Add(Source(name + Counts, sums.Counts, sums.Counts.Length));
        }

        GgufWriter.Write(path, metadata, tensors);
    }

    private static TensorSource Source(string name, float[] values, int rows)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return new TensorSource(name, DType.F32, [rows, values.Length / rows], stream => stream.Write(bytes));
    }

    private static float[] Values(string path, TensorEntry entry) => entry.DType == DType.F32
        ? entry.Data.Cast<float>().AsSpan().ToArray()
        : throw new CaravanException($"'{path}': the tensor '{entry.Name}' is {entry.DType}, and importances are F32; make the importance matrix again.");

    private static int Whole(GgufMetadata metadata, string key) => (int)Math.Clamp(metadata.Integer(key) ?? 0, 0, int.MaxValue);
}
