namespace Caravan.Text;

/// <summary>How often each segment occurs that a pre-tokenizer cuts texts into, in the characters of <see cref="ByteAlphabet"/>.</summary>
/// <param name="rules">How text is cut.</param>
/// <param name="given">Tokens that are cut out before.</param>
internal sealed class SegmentCounts(NamedPreTokenizers.Entry rules, IEnumerable<string> given)
{
    private readonly AddedTokenMatcher matcher = new(given.Select(token => (new AddedToken(0, token), token)));
    private readonly List<(int Start, int End, int Id)> found = [];
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
    private readonly Segments segments = new();

    /// <summary>The segments with their counts, in the order in which they came.</summary>
    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>Counts the segments of one more text.</summary>
    public void Add(string text)
    {
        found.Clear();
        if (!matcher.IsEmpty) matcher.Find(text, special: true, plain: null, found);
        int done = 0;
        foreach ((int start, int end, _) in found)
        {
            Count(text.AsSpan(done, start - done));
            done = end;
        }

        Count(text.AsSpan(done));
    }

    private void Count(ReadOnlySpan<char> text)
    {
        segments.Text.Load(text, 0);
        rules.Normalizer?.Apply(segments.Text);
        segments.Reset();
        rules.PreTokenizer.Apply(segments);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach ((int start, int end) in segments.Items)
        {
            ReadOnlySpan<char> segment = segments.Text.Span[start..end];
            lookup.TryGetValue(segment, out long count);
            lookup[segment] = count + 1;
        }
    }
}
