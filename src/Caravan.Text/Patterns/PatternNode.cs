namespace Caravan.Text;

/// <summary>How a repetition behaves: as many as possible, as few as possible, or as many as possible without giving any back.</summary>
internal enum Greed
{
    Greedy,
    Lazy,
    Possessive,
}

/// <summary>What an assertion demands of a position.</summary>
internal enum Anchor
{
    TextStart,
    TextEnd,
    TextEndOrLastNewline,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
}

/// <summary>The syntax tree of a pattern.</summary>
internal abstract record PatternNode
{
    internal sealed record Set(CharacterSet Characters) : PatternNode;

    internal sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    internal sealed record Choice(IReadOnlyList<PatternNode> Options) : PatternNode;

    internal sealed record Repeat(PatternNode Body, int Minimum, int Maximum, Greed Greed) : PatternNode;

    internal sealed record Assertion(Anchor Anchor) : PatternNode;

    internal sealed record Look(PatternNode Body, bool Behind, bool Negative) : PatternNode;

    internal sealed record Atomic(PatternNode Body) : PatternNode;

    /// <summary>The number of code points every match has, or -1 when matches differ.</summary>
    public int FixedLength() => this switch
    {
        Set => 1,
        Assertion or Look => 0,
        Atomic atomic => atomic.Body.FixedLength(),
        Sequence sequence => sequence.Parts.Aggregate(0, (sum, part) => sum >= 0 && part.FixedLength() is >= 0 and int length ? sum + length : -1),
        Choice choice => choice.Options.Select(option => option.FixedLength()).Distinct().ToArray() is [int only] ? only : -1,
        Repeat repeat => repeat.Minimum == repeat.Maximum && repeat.Body.FixedLength() is >= 0 and int length ? length * repeat.Minimum : -1,
        _ => -1,
    };

    /// <summary>Whether the empty text can match.</summary>
    public bool CanBeEmpty() => this switch
    {
        Set => false,
        Sequence sequence => sequence.Parts.All(part => part.CanBeEmpty()),
        Choice choice => choice.Options.Any(option => option.CanBeEmpty()),
        Repeat repeat => repeat.Minimum == 0 || repeat.Body.CanBeEmpty(),
        Atomic atomic => atomic.Body.CanBeEmpty(),
        _ => true,
    };
}
