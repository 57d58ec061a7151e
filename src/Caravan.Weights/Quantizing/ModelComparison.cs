using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Weights;

/// <summary>Measures what quantizing cost.</summary>
internal static class ModelComparison
{
    /// <summary>
    /// Lets both models read a text in chunks and compares what they predict in the second half of each, where they have seen enough to predict
    /// something (as llama-perplexity does).
    /// </summary>
    /// <param name="original">The model before.</param>
    /// <param name="quantized">The model after; with the same vocabulary.</param>
    /// <param name="text">What they read.</param>
    /// <param name="options">Size of chunks and more; null for the defaults.</param>
    /// <param name="progress">Told before and after each chunk.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="CaravanException">The models do not have the same vocabulary, or there is no text or tokenizer.</exception>
    public static QuantizationLoss Compare(
        Model original,
        Model quantized,
        string text,
        TextOptions? options = null,
        IProgress<TextProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        int vocabulary = original.Decoder.Spec.VocabularySize;
        if (quantized.Decoder.Spec.VocabularySize is var other && other != vocabulary)
            throw new CaravanException($"'{quantized.Path}' has a vocabulary of {other} tokens and '{original.Path}' one of {vocabulary}; compare a model with what was made of it.");
        options ??= new TextOptions();
        TextChunks chunks = new(original, text, options);
        using Device device = new(options.Threads);
        using Pass first = new(device), second = new(device);
        DivergenceSums sums = new(vocabulary);
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            progress?.Report(chunks.Progress(chunk));
            cancellation.ThrowIfCancellationRequested();
            int[] tokens = chunks[chunk];
            Tensor expected = Logits(original, first, tokens), found = Logits(quantized, second, tokens);
            for (int i = tokens.Length / 2; i < tokens.Length; i++)
                sums.Add(Row(expected, i - 1), Row(found, i - 1), tokens[i]);
            first.Reset();
            second.Reset();
        }

        progress?.Report(chunks.Progress(chunks.Count));
        return sums.Result();

        ReadOnlySpan<float> Row(Tensor logits, int row) => logits.Floats.AsSpan((long)row * vocabulary, vocabulary);
    }

    private static Tensor Logits(Model model, Pass pass, int[] tokens)
    {
        Batch batch = new();
        batch.AddSequence(tokens.AsSpan(0, tokens.Length - 1));
        return model.Decoder.Forward(pass, batch)!;
    }
}
