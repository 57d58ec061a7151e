namespace Caravan.Inference;

/// <summary>Counts the tokens of the last so many positions; a sliding window costs the same at every length.</summary>
internal sealed class TokenHistory
{
    private const int Generated = 1 << 31;

    private readonly TokenCount[] counts;
    private readonly int[] places;
    private readonly int[] window;
    private readonly bool unlimited;
    private int distinct;
    private int length;
    private int oldest;

    /// <summary>Creates an empty history that looks back over <paramref name="window"/> tokens, or over all of them when it is -1.</summary>
    public TokenHistory(int vocabularySize, int window)
    {
        unlimited = window < 0;
        this.window = unlimited ? [] : new int[window];
        places = new int[vocabularySize];
        counts = new TokenCount[unlimited ? vocabularySize : Math.Min(vocabularySize, window)];
    }

    /// <summary>The distinct tokens in the window, in no particular order.</summary>
    public Span<TokenCount> Counts => counts.AsSpan(0, distinct);

    /// <summary>Adds a token at the end and drops the one that leaves the window.</summary>
    public void Add(int token, bool generated)
    {
        if (!unlimited)
        {
            if (window.Length == 0) return;
            if (length == window.Length) Remove(window[oldest]);
            else length++;
            window[oldest] = generated ? token | Generated : token;
            oldest = (oldest + 1) % window.Length;
        }

        // Places hold index + 1, so that a new array of zeros means "absent".
        if (places[token] == 0)
        {
            counts[distinct] = new TokenCount { Token = token };
            places[token] = ++distinct;
        }

        ref TokenCount count = ref counts[places[token] - 1];
        count.Total++;
        if (generated) count.Generated++;
    }

    private void Remove(int marked)
    {
        int token = marked & ~Generated;
        int place = places[token] - 1;
        ref TokenCount count = ref counts[place];
        if (marked < 0) count.Generated--;
        if (--count.Total > 0) return;

        TokenCount moved = counts[--distinct];
        counts[place] = moved;
        places[moved.Token] = place + 1;
        places[token] = 0;
    }
}
