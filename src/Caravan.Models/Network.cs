namespace Caravan.Models;

/// <summary>What computes a model: a decoder, an encoder, or a composition of them.</summary>
internal abstract class Network
{
    /// <summary>What it is, for sentences: "an encoder".</summary>
    public abstract string Kind { get; }
}
