namespace Caravan.Inference;

/// <summary>
/// A token in a ranking: higher keys come first, lower ids among equal keys, so no two candidates tie and every ranking has one outcome.
/// </summary>
internal readonly record struct Candidate(double Key, int Id, float Weight) : IComparable<Candidate>
{
    /// <summary>Whether this candidate ranks before <paramref name="other"/>.</summary>
    public bool Before(in Candidate other) => Key > other.Key || (Key == other.Key && Id < other.Id);

    /// <inheritdoc/>
    public int CompareTo(Candidate other) => Before(other) ? -1 : other.Before(this) ? 1 : 0;
}
