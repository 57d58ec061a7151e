namespace Caravan.Inference;

/// <summary>A grammar as states that bytes and rules lead through. A rule is entered at its start, and left at its end for where it was called.</summary>
internal sealed class ByteAutomaton
{
    /// <summary>A byte from <paramref name="First"/> to <paramref name="Last"/> leads to a state.</summary>
    public readonly record struct ByteEdge(byte First, byte Last, int Target);

    /// <summary>A rule, entered at its start, leads to a state.</summary>
    public readonly record struct Call(int Start, int Return);

    /// <summary>One state of a rule.</summary>
    public sealed class Place
    {
        public List<ByteEdge> Bytes { get; } = [];

        /// <summary>States reached by nothing.</summary>
        public List<int> Jumps { get; } = [];

        public List<Call> Calls { get; } = [];

        /// <summary>Whether the rule is complete here.</summary>
        public bool IsEnd { get; set; }

        /// <summary>Whether all that can be done here is to reach the rule's end by nothing.</summary>
        public bool OnlyEnds { get; set; }

        /// <summary>Whether text is free here: control tokens do not matter to it.</summary>
        public bool IsFree { get; set; }
    }

    /// <summary>All states.</summary>
    public required IReadOnlyList<Place> Places { get; init; }

    /// <summary>Where the root rule starts.</summary>
    public required int Start { get; init; }

    /// <summary>Bytes that no state tells apart have the same class.</summary>
    public required byte[] ClassOf { get; init; }

    /// <summary>One byte of each class.</summary>
    public required byte[] Representatives { get; init; }
}
