namespace Caravan.Inference;

/// <summary>A set of Unicode characters as ascending ranges that do not touch. Surrogates are no characters and never in it.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF, FirstSurrogate = 0xD800, LastSurrogate = 0xDFFF;

    private readonly (int First, int Last)[] ranges;

    private CodePointSet((int First, int Last)[] ranges) => this.ranges = ranges;

    /// <summary>Every character.</summary>
    public static CodePointSet All { get; } = Of((0, Last));

    /// <summary>The ranges, ends included.</summary>
    public ReadOnlySpan<(int First, int Last)> Ranges => ranges;

    public bool IsEmpty => ranges.Length == 0;

    /// <summary>The characters of some ranges in any order, ends included.</summary>
    public static CodePointSet Of(params IEnumerable<(int First, int Last)> ranges)
    {
        List<(int First, int Last)> joined = [];
        foreach ((int first, int last) in ranges.SelectMany(WithoutSurrogates).Where(range => range.First <= range.Last).Order())
        {
            if (joined.Count > 0 && first <= joined[^1].Last + 1) joined[^1] = (joined[^1].First, Math.Max(last, joined[^1].Last));
            else joined.Add((first, last));
        }

        return new CodePointSet([.. joined]);
    }

    /// <summary>The set of the characters of a text.</summary>
    public static CodePointSet Of(string text) => Of(text.EnumerateRunes().Select(rune => (rune.Value, rune.Value)));

    public bool Contains(int codePoint) => Array.Exists(ranges, range => codePoint >= range.First && codePoint <= range.Last);

    public CodePointSet Union(CodePointSet other) => Of(ranges.Concat(other.ranges));

    public CodePointSet Complement()
    {
        List<(int First, int Last)> gaps = [];
        int next = 0;
        foreach ((int first, int last) in ranges)
        {
            gaps.Add((next, first - 1));
            next = last + 1;
        }

        gaps.Add((next, Last));
        return Of(gaps);
    }

    public CodePointSet Except(CodePointSet other) => Intersect(other.Complement());

    public CodePointSet Intersect(CodePointSet other)
    {
        List<(int First, int Last)> common = [];
        for (int i = 0, j = 0; i < ranges.Length && j < other.ranges.Length;)
        {
            common.Add((Math.Max(ranges[i].First, other.ranges[j].First), Math.Min(ranges[i].Last, other.ranges[j].Last)));
            if (ranges[i].Last < other.ranges[j].Last) i++;
            else j++;
        }

        return Of(common);
    }

    private static IEnumerable<(int First, int Last)> WithoutSurrogates((int First, int Last) range) =>
        range.Last < FirstSurrogate || range.First > LastSurrogate
            ? [range]
            : [(range.First, Math.Min(range.Last, FirstSurrogate - 1)), (Math.Max(range.First, LastSurrogate + 1), range.Last)];
}
