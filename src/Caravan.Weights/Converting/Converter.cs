using System.Diagnostics;
using Caravan.Formats;
using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Weights;

/// <summary>
/// Converts a checkpoint between the formats and types that people keep models in: a GGUF file or a Hugging Face folder, of plain or block types.
/// The model passes through in slabs and is never in memory as a whole.
/// </summary>
public static class Converter
{
    /// <summary>Reads a model and writes it anew.</summary>
    /// <param name="source">A GGUF, safetensors, PyTorch or llama2.c file, or a Hugging Face folder.</param>
    /// <param name="target">The file or folder to write; it appears when it is complete.</param>
    /// <param name="options">Type, format and more; null for the defaults.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="cancellation">Stops; nothing is left of the target.</param>
    /// <exception cref="CaravanException">
    /// The source cannot be read or holds numbers that are not finite, the target exists or cannot hold it, or the disk is full; nothing is left of the target.
    /// </exception>
    public static ConvertReport Convert(
        string source,
        string target,
        ConvertOptions? options = null,
        IProgress<ConvertProgress>? progress = null,
        CancellationToken cancellation = default) => Convert(source, target, options ?? new ConvertOptions(), new WriteOptions
        {
            Progress = (done, total) => progress?.Report(new ConvertProgress(done, total)),
            Cancellation = cancellation,
        });

    /// <summary>Writes a model whose weights have changed in memory.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <param name="values">What weights have become, by canonical name: F32 or another type; null for those that did not change.</param>
    /// <param name="target">The file or folder to write; it appears when it is complete.</param>
    /// <param name="options">Type, format and more.</param>
    /// <param name="write">Progress and cancellation.</param>
    /// <exception cref="CaravanException">The target exists or cannot hold it, or the disk is full; nothing is left of the target.</exception>
    internal static ConvertReport Write(Model model, Func<string, Tensor?> values, string target, ConvertOptions options, WriteOptions write) =>
        Write(model, values, null, target, options, write);

    internal static ConvertReport Convert(string source, string target, ConvertOptions options, WriteOptions write)
    {
        TargetPlace.Check(source, target, options);
        using Model model = Model.Load(source);
        using SourceWeights weights = new(source);
        return Write(model, null, weights, target, options, write);
    }

    private static ConvertReport Write(Model model, Func<string, Tensor?>? values, SourceWeights? weights, string target, ConvertOptions options, WriteOptions write)
    {
        Stopwatch watch = Stopwatch.StartNew();
        ConvertFormat format = TargetPlace.Check(model.Path, target, options);
        Conversion conversion = new(model, format, options, values);
        using TensorEncoder encoder = new(model.Path, options.Threads, weights);
        if (format == ConvertFormat.Gguf) GgufTarget.Write(conversion, target, encoder, write);
        else FolderTarget.Write(conversion, target, encoder, write);
        return new ConvertReport
        {
            Source = $"{model.Path} ({model.Checkpoint.Format})",
            Target = target,
            Format = format,
            Tensors = conversion.Tensors.Count,
            Bytes = format == ConvertFormat.Gguf ? new FileInfo(target).Length : new DirectoryInfo(target).EnumerateFiles().Sum(file => file.Length),
            Types = conversion.Tensors.GroupBy(tensor => tensor.Type).ToDictionary(group => group.Key, group => group.Count()),
            LeftOut = conversion.LeftOut,
            Notes = conversion.Notes,
            Elapsed = watch.Elapsed,
        };
    }
}
