using System.Numerics;
using System.Runtime.InteropServices;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Weights;

/// <summary>Adds up the squared inputs of every matrix inside the layers while a model reads. The head is left out, as by llama-imatrix.</summary>
internal sealed class ImportanceCollector(Model model)
{
    private readonly Dictionary<string, double[]> squares = new(StringComparer.Ordinal);
    private float[] rows = [];
    private long count;

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
            count += size;
            read++;
        }

        return new ImportanceMatrix(Sums(), [dataset], read, size);
    }

    private void Observe(Tensor x, Tensor weight)
    {
        if (weight.Name is not { } name || !name.StartsWith("layers.", StringComparison.Ordinal)) return;
        int columns = checked((int)weight.Shape.Columns);
        if (!squares.TryGetValue(name, out double[]? sums)) squares.Add(name, sums = new double[columns]);
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

    private OrderedDictionary<string, ImportanceSums> Sums()
    {
        OrderedDictionary<string, ImportanceSums> sums = new(StringComparer.Ordinal);
        foreach (Tensor weight in model.Decoder.Weights)
        {
            if (!squares.TryGetValue(weight.Name!, out double[]? found)) continue;
            string name = model.Family.NamesOnDisk(weight.Name!, gguf: true).First();
            int bad = Array.FindIndex(found, square => !double.IsFinite(square));
            if (bad >= 0)
            {
                throw new CaravanException(
                    $"'{model.Path}': the input of '{name}' in column {bad} is not finite while the model reads the text; download or convert the model again.");
            }

            sums.Add(name, new ImportanceSums([.. found.Select(square => (float)square)], count));
        }

        return sums;
    }
}
