using Caravan.Models;

namespace Caravan.Weights;

/// <summary>
/// A text cut into windows of tokens that are read each for itself, every window beginning a stride after the one before. A window scores the
/// tokens behind the end of the one before, so that no token is scored twice. Where the tokenizer begins texts with a token, that token takes
/// the first place of every window.
/// </summary>
internal sealed class TextWindows
{
    private readonly int[] tokens;
    private readonly int stride;
    private readonly int? first;

    /// <exception cref="CaravanException">The text has no two tokens, windows cannot be as asked, or there is no tokenizer.</exception>
    public TextWindows(Model model, string text, TextOptions options)
    {
        Size = options.ContextFor(model);
        if (Size < 2) throw new CaravanException($"Windows of {Size} tokens predict nothing; 2 tokens or more were expected.");
        model.RequirePositions(Size);
        stride = options.Stride ?? (Size + 1) / 2;
        if (stride < 1 || stride > Size) throw new CaravanException($"A stride of {stride} tokens does not fit windows of {Size}; 1 to {Size} were expected.");
        tokens = model.Tokenizer.Encode(text);
        if (tokens.Length < 2)
            throw new CaravanException($"{options.Name} has {tokens.Length} token{(tokens.Length == 1 ? "" : "s")}, and at least 2 are needed to predict one; give a longer text.");
        first = model.Tokenizer.AddsBos ? model.Tokenizer.BosId : null;

        // The last window must have a token that no other has scored, behind one that it is predicted from.
        int places = stride == Size ? tokens.Length - 1 : tokens.Length;
        int count = 1 + (Math.Max(0, places - Size + stride - 1) / stride);
        Count = options.MaxWindows > 0 ? Math.Min(options.MaxWindows, count) : count;
    }

    /// <summary>Number of windows.</summary>
    public int Count { get; }

    /// <summary>Tokens of every window but the last, which may have fewer.</summary>
    public int Size { get; }

    /// <summary>Tokens from the beginning of a window to the beginning of the next.</summary>
    public int Stride => stride;

    /// <summary>The tokens that no window of the whole text scores: the first, and without overlap those at which windows begin.</summary>
    public IEnumerable<int> Unscored => stride < Size ? [tokens[0]] : tokens.Where((_, place) => place % stride == 0);

    /// <summary>The windows in order; who waits for the next is told how far it is, and can stop.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<TextWindow> Read(IProgress<TextProgress>? progress, CancellationToken cancellation)
    {
        for (int window = 0; window < Count; window++)
        {
            progress?.Report(new TextProgress(window, Count));
            cancellation.ThrowIfCancellationRequested();
            yield return At(window);
        }

        progress?.Report(new TextProgress(Count, Count));
    }

    private TextWindow At(int window)
    {
        int start = window * stride, end = Math.Min(start + Size, tokens.Length);
        int scored = window == 0 ? 1 : Math.Max(1, Size - stride);
        int[] part = tokens[start..end];
        if (first is { } token) part[0] = token;
        return new TextWindow(part, scored);
    }
}
