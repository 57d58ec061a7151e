namespace Caravan.Inference;

/// <summary>Counts the tokens of the last so many positions; a sliding window costs the same at every length.</summary>
internal sealed class TokenHistory
{
    private const int Generated = 1 << 31;

    private readonly TokenCount[] _counts;
    private readonly int[] _places;
    private readonly int[] _window;
    private readonly bool _unlimited;
    private int _distinct;
    private int _length;
    private int _oldest;

    /// <summary>Creates an empty history that looks back over <paramref name="window"/> tokens, or over all of them when it is -1.</summary>
    public TokenHistory(int vocabularySize, int window)
    {
        _unlimited = window < 0;
        _window = _unlimited ? [] : new int[window];
        _places = new int[vocabularySize];
        _counts = new TokenCount[_unlimited ? vocabularySize : Math.Min(vocabularySize, window)];
    }

    /// <summary>The distinct tokens in the window, in no particular order.</summary>
    public Span<TokenCount> Counts => _counts.AsSpan(0, _distinct);

    /// <summary>Adds a token at the end and drops the one that leaves the window.</summary>
    public void Add(int token, bool generated)
    {
        if (!_unlimited)
        {
            if (_window.Length == 0) return;
            if (_length == _window.Length) Remove(_window[_oldest]);
            else _length++;
            _window[_oldest] = generated ? token | Generated : token;
            _oldest = (_oldest + 1) % _window.Length;
        }

        // Places hold index + 1, so that a new array of zeros means "absent".
        if (_places[token] == 0)
        {
            _counts[_distinct] = new TokenCount { Token = token };
            _places[token] = ++_distinct;
        }

        ref TokenCount count = ref _counts[_places[token] - 1];
        count.Total++;
        if (generated) count.Generated++;
    }

    private void Remove(int marked)
    {
        int token = marked & ~Generated;
        int place = _places[token] - 1;
        ref TokenCount count = ref _counts[place];
        if (marked < 0) count.Generated--;
        if (--count.Total > 0) return;

        TokenCount moved = _counts[--_distinct];
        _counts[place] = moved;
        _places[moved.Token] = place + 1;
        _places[token] = 0;
    }
}
