using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Weights;

/// <summary>
/// How much the columns of a model's matrices matter: the mean square of the inputs that meet each column while the model reads a text.
/// A rounding error in a column is multiplied by its input, so quantizers keep errors small where inputs are large.
/// Tensors go by their names in GGUF files, whatever the model's format.
/// </summary>
public sealed class ImportanceMatrix
{
    /// <summary>Beyond this sums would overflow in the searches for scales.</summary>
    private const float Largest = 1e15f;

    private readonly OrderedDictionary<string, ImportanceSums> tensors;

    internal ImportanceMatrix(OrderedDictionary<string, ImportanceSums> tensors, IReadOnlyList<string> datasets, int chunks, int chunkTokens)
    {
        this.tensors = tensors;
        Datasets = datasets;
        Chunks = chunks;
        ChunkTokens = chunkTokens;
    }

    /// <summary>What was read, as whoever read it called it.</summary>
    public IReadOnlyList<string> Datasets { get; }

    /// <summary>Pieces of text that were read.</summary>
    public int Chunks { get; }

    /// <summary>Tokens of each piece; 0 when the file does not say.</summary>
    public int ChunkTokens { get; }

    /// <summary>Number of matrices that it knows.</summary>
    public int Count => tensors.Count;

    /// <summary>What was added up, by the tensors' names.</summary>
    internal IReadOnlyDictionary<string, ImportanceSums> Sums => tensors;

    /// <summary>Lets a model read a text, in chunks of 512 tokens, and looks at the inputs of its matrices.</summary>
    /// <param name="model">The model, with a tokenizer; the better its weights, the better the matrix.</param>
    /// <param name="text">What it reads: some ten thousand words like those it is made for.</param>
    /// <param name="dataset">What to call the text in files.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="CaravanException">There is no tokenizer or no text, or the model computes numbers that are not finite.</exception>
    public static ImportanceMatrix Collect(Model model, string text, string dataset, CancellationToken cancellation = default) =>
        Collect(model, text, dataset, new TextOptions(), null, cancellation);

    /// <summary>As <see cref="Collect(Model, string, string, CancellationToken)"/>, with chunks and threads as asked, and told how far it is.</summary>
    internal static ImportanceMatrix Collect(
        Model model, string text, string dataset, TextOptions options, IProgress<TextProgress>? progress, CancellationToken cancellation) =>
        new ImportanceCollector(model).Read(text, dataset, options, progress, cancellation);

    /// <summary>Whether a file holds an importance matrix and not a text, by its first bytes.</summary>
    internal static bool Recognises(string path)
    {
        using MappedFile file = MappedFile.Open(path);
        ReadOnlySpan<byte> start = file.Bytes.AsSpan(0, (int)Math.Min(file.Bytes.Length, 64));
        return start.StartsWith("GGUF"u8) || start.Contains((byte)0);
    }

    /// <summary>Reads a file of llama.cpp's llama-imatrix, or of <see cref="Save"/>: a GGUF file, or the older format without a name.</summary>
    /// <exception cref="CaravanException">It cannot be read or holds no importance matrix.</exception>
    public static ImportanceMatrix Load(string path)
    {
        bool gguf;
        using (MappedFile file = MappedFile.Open(path)) gguf = file.Bytes.Length >= 4 && file.Bytes.AsSpan(0, 4).SequenceEqual("GGUF"u8);
        return gguf ? ImportanceGguf.Read(path) : ImportanceLegacyFile.Read(path);
    }

    /// <summary>Writes a GGUF file as llama-imatrix does; it appears when it is complete.</summary>
    /// <exception cref="CaravanException">The file cannot be written.</exception>
    public void Save(string path) => ImportanceGguf.Write(this, path);

    /// <summary>The weights of a matrix's columns; null when it is not known, or no text came to it.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="columns">Columns of each of its matrices.</param>
    /// <param name="part">Which matrix, where the tensor is a stack.</param>
    /// <param name="parts">Matrices of the tensor.</param>
    /// <exception cref="CaravanException">It has other columns.</exception>
    internal float[]? WeightsOf(string name, long columns, int part = 0, int parts = 1)
    {
        if (!tensors.TryGetValue(name, out ImportanceSums? sums)) return null;
        // The older format has one count for all experts.
        if (sums.Squares.Length != parts * columns || (sums.Counts.Length != parts && sums.Counts.Length != 1))
        {
            throw new CaravanException(
                $"The importance matrix has {sums.Squares.Length / parts} columns for '{name}', and the model's has {columns}; it was made with another model.");
        }

        float count = sums.Counts[sums.Counts.Length == 1 ? 0 : part];
        if (count == 0) return null;
        float[] weights = new float[columns];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = sums.Squares[(part * columns) + i] / count;
            if (weights[i] is >= 0 and <= Largest) continue;
            throw new CaravanException($"The importance of column {i} of '{name}' is {weights[i]}; weights from 0 to {Largest:0e0} were expected: make the matrix again.");
        }

        return weights;
    }
}
