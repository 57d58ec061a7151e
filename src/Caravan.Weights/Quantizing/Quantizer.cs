namespace Caravan.Weights;

/// <summary>Quantizes models: a <see cref="Converter"/> to GGUF whose types come from a mix, and whose errors are weighed by an importance matrix.</summary>
public static class Quantizer
{
    /// <summary>Reads a model and writes it anew, in a few megabytes of memory whatever its size.</summary>
    /// <param name="source">A GGUF, safetensors, PyTorch or llama2.c file, or a Hugging Face folder.</param>
    /// <param name="target">The GGUF file to write; it appears when it is complete.</param>
    /// <param name="options">The mix and more; null for the defaults.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="cancellation">Stops; nothing is left of the target.</param>
    /// <exception cref="CaravanException">
    /// The source cannot be read, a weight cannot be stored, the matrix is of another model, or the disk is full; nothing is left of the target.
    /// </exception>
    public static ConvertReport Quantize(
        string source,
        string target,
        QuantizeOptions? options = null,
        IProgress<ConvertProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new QuantizeOptions();
        return Converter.Convert(source, target, Conversion(options), progress, cancellation);
    }

    /// <summary>Refuses a target that cannot be written, before work that takes long.</summary>
    /// <exception cref="CaravanException">The target exists or is the source.</exception>
    internal static void Check(string source, string target, QuantizeOptions options) => TargetPlace.Check(source, target, Conversion(options));

    private static ConvertOptions Conversion(QuantizeOptions options) => new()
    {
        Mix = options.Mix,
        Importance = options.Importance,
        Format = ConvertFormat.Gguf,
        Threads = options.Threads,
        Overwrite = options.Overwrite,
        TokenizerPath = options.TokenizerPath,
    };
}
