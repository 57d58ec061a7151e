using Caravan.Models;

namespace Caravan.Weights;

/// <summary>
/// A text cut into chunks of tokens that are read each for itself. Where the tokenizer begins texts with a token, that token takes the first place
/// of every chunk, as by llama-perplexity. A rest that fills no chunk is left out, unless it is all there is.
/// </summary>
internal sealed class TextChunks
{
    private readonly int[] tokens;
    private readonly int size;
    private readonly int? first;

    public TextChunks(Model model, string text, TextOptions options)
    {
        if (options.ChunkTokens < 2) throw new CaravanException($"Chunks of {options.ChunkTokens} tokens teach nothing; 2 or more were expected.");
        tokens = model.Tokenizer.Encode(text);
        if (tokens.Length < 2) throw new CaravanException($"The text has {tokens.Length} tokens, and at least 2 are needed; give a longer one.");
        size = Math.Min(Math.Min(options.ChunkTokens, model.Decoder.Spec.ContextLength), tokens.Length);
        first = model.Tokenizer.AddsBos ? model.Tokenizer.BosId : null;
        Count = options.MaxChunks > 0 ? Math.Min(options.MaxChunks, tokens.Length / size) : tokens.Length / size;
    }

    /// <summary>Number of chunks.</summary>
    public int Count { get; }

    /// <summary>Tokens per chunk.</summary>
    public int Size => size;

    /// <summary>The tokens of a chunk.</summary>
    public int[] this[int chunk]
    {
        get
        {
            int[] part = tokens[(chunk * size)..((chunk + 1) * size)];
            if (first is { } token) part[0] = token;
            return part;
        }
    }

    /// <summary>How far it is when so many chunks are read.</summary>
    public TextProgress Progress(int done) => new(done * size, Count * size);
}
