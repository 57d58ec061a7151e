namespace Caravan.Models;

/// <summary>What mixes along the features in a layer; everything that others must know of it is asked here, as of a <see cref="SequenceMixerSpec"/>.</summary>
internal abstract record ChannelMixerSpec
{
    /// <summary>Features between its projections; 0 for blocks without.</summary>
    public virtual int IntermediateWidth => 0;

    /// <summary>Experts among which each token chooses; 0 for blocks that all tokens pass.</summary>
    public virtual int Experts => 0;

    /// <summary>Floats that it keeps of each sequence; 0 for blocks that see one row at a time.</summary>
    public virtual int StateSize => 0;

    /// <summary>Share of the experts' weights that a pass reads; 1 where there are none to choose from.</summary>
    /// <param name="tokens">Tokens of the pass, taken to choose independently and evenly.</param>
    public virtual double ShareRead(int tokens) => 1;

    /// <summary>What is told of it, in the order in which it is shown.</summary>
    public abstract IEnumerable<SpecFact> Facts { get; }

    /// <summary>What about it cannot be, such as "has 6 heads that …"; null when its parts fit each other.</summary>
    public virtual string? Flaw => null;

    /// <summary>The block that computes it, with its weights.</summary>
    public abstract ChannelMixer Build(in LayerSite site);
}
