namespace Caravan.Models;

/// <summary>What computes a model: a decoder, an encoder, or a composition of them.</summary>
internal abstract class Network
{
    /// <summary>What it is, in one word, such as "encoder".</summary>
    public abstract string Kind { get; }

    /// <summary>The same for sentences, such as "an encoder".</summary>
    public string KindWithArticle => $"{("aeiou".Contains(Kind[0], StringComparison.Ordinal) ? "an" : "a")} {Kind}";
}
