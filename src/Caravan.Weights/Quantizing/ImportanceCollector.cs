using System.Numerics;
using System.Runtime.InteropServices;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Weights;

/// <summary>Adds up the squared inputs of every matrix inside the layers while a model reads. The head is left out, as by llama-imatrix.</summary>
internal sealed class ImportanceCollector(Model model)
{
    private readonly Dictionary<string, (double[] Squares, long Count)> inputs = new(StringComparer.Ordinal);
    private float[] rows = [];

    /// <summary>Reads a text.</summary>
    public ImportanceMatrix Read(string text, string dataset, TextOptions options, IProgress<TextProgress>? progress, CancellationToken cancellation)
    {
        // Windows that do not overlap, and no shorter one at the end unless it is all there is: as llama-imatrix.
        TextWindows windows = new(model, text, options with { Stride = options.ContextFor(model) });
        using Device device = WindowPass.DeviceFor(options);
        using WindowPass pass = new(model, device, Observe);
        (int read, int size) = (0, 0);
        foreach (TextWindow window in windows.Read(progress, cancellation))
        {
            if (window.Tokens.Length < size) continue;
            pass.Read(window);
            size = window.Tokens.Length;
            read++;
        }

        return new ImportanceMatrix(Sums(), [dataset], read, size);
    }

    /// <summary>Sees the input of a matrix.</summary>
    public void Observe(Tensor x, Tensor weight)
    {
        if (weight.Name is not { } name || !name.StartsWith("layers.", StringComparison.Ordinal)) return;
        int columns = checked((int)weight.Shape.Columns);
        (double[] sums, long count) = inputs.TryGetValue(name, out (double[], long) known) ? known : (new double[columns], 0);
        inputs[name] = (sums, count + x.Shape.Rows);
        if (rows.Length < columns) rows = new float[columns];
        Span<float> added = rows.AsSpan(0, columns);
        added.Clear();

        // Few enough rows for float; the chunks are added in double.
        for (long start = 0; start < x.Shape.Elements; start += columns) AddSquares(x.Floats.AsSpan(start, columns), added);
        for (int i = 0; i < columns; i++) sums[i] += added[i];
    }

    private static void AddSquares(ReadOnlySpan<float> row, Span<float> sums)
    {
        ReadOnlySpan<Vector<float>> values = MemoryMarshal.Cast<float, Vector<float>>(row);
        Span<Vector<float>> totals = MemoryMarshal.Cast<float, Vector<float>>(sums);
        for (int i = 0; i < values.Length; i++) totals[i] += values[i] * values[i];
        for (int i = values.Length * Vector<float>.Count; i < row.Length; i++) sums[i] += row[i] * row[i];
    }

    /// <summary>What was seen so far, by the names of GGUF files; experts are stacked.</summary>
    public OrderedDictionary<string, ImportanceSums> Sums()
    {
        OrderedDictionary<string, ImportanceSums> sums = new(StringComparer.Ordinal);
        foreach (IGrouping<string, string> tensor in model.Weights.Select(weight => weight.Name!).GroupBy(name => PlaceOf(name).Name))
        {
            // Experts that no token chose have no sums.
            string[] seen = [.. tensor.Where(inputs.ContainsKey)];
            if (seen.Length == 0) continue;
            // Weights that are kept together, like those of queries, keys and values, have the same inputs; experts have their own.
            string[] names = PlaceOf(seen[0]).Slice is null ? [seen[0]] : [.. tensor];
            int columns = inputs[seen[0]].Squares.Length;
            float[] squares = [.. names.SelectMany(name => inputs.TryGetValue(name, out (double[] Squares, long) found) ? found.Squares : new double[columns]).Select(sum => (float)sum)];
            int bad = Array.FindIndex(squares, square => !float.IsFinite(square));
            if (bad >= 0)
            {
                throw new CaravanException(
                    $"'{model.Path}': the input of '{tensor.Key}' in column {bad % columns} is not finite while the model reads the text; download or convert the model again.");
            }

            sums.Add(tensor.Key, new ImportanceSums(squares, [.. names.Select(name => inputs.TryGetValue(name, out (double[], long Count) found) ? (float)found.Count : 0)]));
        }

        return sums;
    }

    /// <summary>The place in GGUF files.</summary>
    private DiskName PlaceOf(string canonical) => model.Family.NamesOnDisk(canonical, gguf: true).First();
}
