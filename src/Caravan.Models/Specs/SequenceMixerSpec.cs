namespace Caravan.Models;

/// <summary>
/// What mixes along the sequence in a layer. Everything that others must know of a mixer is asked here, so that a new kind is a record and a
/// block, and no code elsewhere.
/// </summary>
internal abstract record SequenceMixerSpec
{
    /// <summary>Features of the key, and as many of the value, that pages keep for each token; 0 for mixers without keys.</summary>
    public virtual int KeyValueWidth => 0;

    /// <summary>Features of one head of them; 0 for mixers without keys.</summary>
    public virtual int KeyHeadSize => 0;

    /// <summary>Query heads that share a key head; 1 for mixers without keys.</summary>
    public virtual int QueriesPerKey => 1;

    /// <summary>Floats that it keeps of each sequence, however long; 0 for mixers that keep nothing, or pages.</summary>
    public virtual int StateSize => 0;

    /// <summary>How its heads are rotated; null when positions enter in another way.</summary>
    public virtual HeadRotation? Rotation => null;

    /// <summary>What is told of it, in the order in which it is shown.</summary>
    public abstract IEnumerable<SpecFact> Facts { get; }

    /// <summary>What about it cannot be, such as "has 6 heads that …"; null when its parts fit each other.</summary>
    public virtual string? Flaw => null;

    /// <summary>The block that computes it, with its weights.</summary>
    public abstract SequenceMixer Build(in LayerSite site);
}
