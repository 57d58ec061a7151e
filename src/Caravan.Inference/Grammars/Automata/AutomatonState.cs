namespace Caravan.Inference;

/// <summary>All the ways a grammar can have read a text, which decide what may follow. Found once, then remembered with what follows it.</summary>
internal sealed class AutomatonState : IEquatable<AutomatonState>
{
    private readonly int hash;

    public AutomatonState(Configuration[] configurations, bool canEnd, bool isFree, int byteClasses)
    {
        (Configurations, CanEnd, IsFree) = (configurations, canEnd, isFree);
        Next = new AutomatonState?[byteClasses];
        HashCode code = default;
        code.Add(canEnd);
        foreach (Configuration configuration in configurations) code.Add(configuration);
        hash = code.ToHashCode();
    }

    /// <summary>The ways that wait for a byte.</summary>
    public Configuration[] Configurations { get; }

    /// <summary>Whether the text read so far is complete.</summary>
    public bool CanEnd { get; }

    /// <summary>Whether no byte can follow.</summary>
    public bool IsLast => Configurations.Length == 0;

    /// <summary>Whether a control token, which is no text, may come here.</summary>
    public bool IsFree { get; }

    /// <summary>What follows a byte, by the byte's class; null where that has not been asked yet.</summary>
    public AutomatonState?[] Next { get; }

    /// <summary>The tokens that may follow, by how many leading blanks the text drops; null where that has not been asked yet.</summary>
    public TokenMask?[] Masks { get; set; } = [];

    /// <summary>Which <see cref="StateTable"/> content it belongs to.</summary>
    public int Epoch { get; init; }

    public bool Equals(AutomatonState? other) =>
        other is not null && hash == other.hash && CanEnd == other.CanEnd && Configurations.AsSpan().SequenceEqual(other.Configurations);

    public override bool Equals(object? other) => Equals(other as AutomatonState);

    public override int GetHashCode() => hash;
}
