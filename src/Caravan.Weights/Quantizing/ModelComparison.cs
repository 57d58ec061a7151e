using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Weights;

/// <summary>Measures what quantizing cost.</summary>
internal static class ModelComparison
{
    /// <summary>
    /// Lets both models read a text as <see cref="PerplexityRun"/> does, and compares what they predict.
    /// </summary>
    /// <param name="original">The model before.</param>
    /// <param name="quantized">The model after; with the same vocabulary.</param>
    /// <param name="text">What they read.</param>
    /// <param name="options">Sizes of windows and more; null for the defaults.</param>
    /// <param name="progress">Told before and after each window.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="CaravanException">The models do not have the same vocabulary, there is no text or tokenizer, or a model computes numbers that are not finite.</exception>
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
        TextWindows windows = new(original, text, options);
        using Device device = WindowPass.DeviceFor(options);
        using WindowPass first = new(original, device), second = new(quantized, device);
        DivergenceSums sums = new();
        foreach (TextWindow window in windows.Read(progress, cancellation))
        {
            first.Predict(window);
            second.Predict(window);
            for (int place = window.Scored; place < window.Tokens.Length; place++)
            {
                int row = place - window.Scored;
                if (!sums.Add(first.LogitsOf(row), second.LogitsOf(row), window.Tokens[place])) throw BrokenLogits.Explain(original, quantized);
            }
        }

        return sums.Result();
    }
}
