namespace Caravan.Inference;

/// <summary>One way a grammar can have read a text: a state, and where the rules around it return to.</summary>
internal readonly struct Configuration(int place, CallStack? stack) : IEquatable<Configuration>, IComparable<Configuration>
{
    public int Place { get; } = place;

    public CallStack? Stack { get; } = stack;

    public bool Equals(Configuration other) => Place == other.Place && CallStack.Same(Stack, other.Stack);

    public override bool Equals(object? other) => other is Configuration configuration && Equals(configuration);

    public override int GetHashCode() => HashCode.Combine(Place, Stack?.GetHashCode() ?? 0);

    /// <summary>Equal sets are in the same order but for clashes of hashes, which only cost memory.</summary>
    public int CompareTo(Configuration other)
    {
        int order = Place.CompareTo(other.Place);
        return order != 0 ? order : (Stack?.GetHashCode() ?? 0).CompareTo(other.Stack?.GetHashCode() ?? 0);
    }
}
