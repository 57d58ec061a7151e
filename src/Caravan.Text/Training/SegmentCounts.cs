namespace Caravan.Text;

/// <summary>How often each segment occurs that a pre-tokenizer cuts texts into, in the characters of <see cref="ByteAlphabet"/>.</summary>
/// <param name="rules">How text is cut.</param>
internal sealed class SegmentCounts(NamedPreTokenizers.Entry rules)
{
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
    private readonly Segments segments = new();

    /// <summary>The segments with their counts, in the order in which they came.</summary>
    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>Counts the segments of one more text.</summary>
    public void Add(string text)
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
