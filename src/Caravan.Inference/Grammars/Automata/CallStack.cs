namespace Caravan.Inference;

/// <summary>Where the rules that were entered return to; immutable, and shared below the top. Null is the root rule.</summary>
internal sealed class CallStack(int place, CallStack? below)
{
    /// <summary>Deepest nesting; rules are not entered beyond it.</summary>
    public const int MostDepth = 1000;

    private readonly int hash = HashCode.Combine(place, below?.hash ?? 0);

    /// <summary>The state behind the call.</summary>
    public int Place { get; } = place;

    public CallStack? Below { get; } = below;

    public int Depth { get; } = (below?.Depth ?? 0) + 1;

    public override int GetHashCode() => hash;

    /// <summary>Whether two stacks hold the same.</summary>
    public static bool Same(CallStack? one, CallStack? other)
    {
        while (!ReferenceEquals(one, other))
        {
            if (one is null || other is null || one.hash != other.hash || one.Place != other.Place || one.Depth != other.Depth) return false;
            (one, other) = (one.Below, other.Below);
        }

        return true;
    }
}
