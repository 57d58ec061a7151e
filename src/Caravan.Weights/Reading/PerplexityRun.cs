using System.Text;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Text;

namespace Caravan.Weights;

/// <summary>Measures how well a model predicts a text.</summary>
internal static class PerplexityRun
{
    /// <summary>Lets a model read a text in windows and predict every token of it, but for the first of all.</summary>
    /// <param name="model">The model, with a tokenizer.</param>
    /// <param name="text">What it reads.</param>
    /// <param name="options">Sizes of windows and more; the text is read whole.</param>
    /// <param name="progress">Told before and after each window.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="CaravanException">There is no tokenizer, the text is too short, or the model computes numbers that are not finite.</exception>
    public static TextLoss Measure(
        Model model, string text, TextOptions options, IProgress<TextProgress>? progress = null, CancellationToken cancellation = default)
    {
        TextWindows windows = new(model, text, options with { MaxWindows = 0 });
        using Device device = WindowPass.DeviceFor(options);
        using WindowPass pass = new(model, device);
        LossSums sums = new();
        foreach (TextWindow window in windows.Read(progress, cancellation))
        {
            pass.Predict(window);
            for (int place = window.Scored; place < window.Tokens.Length; place++)
            {
                ReadOnlySpan<float> logits = pass.LogitsOf(place - window.Scored);
                double loss = LossSums.LogSumExp(logits) - logits[window.Tokens[place]];
                if (!double.IsFinite(loss)) throw BrokenLogits.Explain(model);
                sums.Add(loss);
            }
        }

        return new TextLoss
        {
            Tokens = sums.Tokens,
            Bytes = Math.Max(0, Encoding.UTF8.GetByteCount(text) - BytesOf(windows.Unscored, model.Tokenizer)),
            NegativeLogLikelihood = sums.Total,
            Perplexity = sums.Perplexity,
            StandardError = sums.StandardError,
            Windows = windows.Count,
            Context = windows.Size,
            Stride = windows.Stride,
        };
    }

    private static long BytesOf(IEnumerable<int> tokens, Tokenizer tokenizer) =>
        tokens.Where(token => !tokenizer.IsSpecial(token)).Sum(token => (long)tokenizer.TokenBytes(token).Length);
}
