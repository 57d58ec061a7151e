using System.Collections.Immutable;

namespace Caravan.Models;

/// <summary>
/// A beginning of sequences whose tokens all see each other, up to the first of a kind of token (Du et al. 2022, "GLM", §2.1). The tokens after it
/// stand where a mark in it stands, and are counted on their own.
/// </summary>
/// <param name="End">The token that ends it and belongs to what follows.</param>
/// <param name="Marks">The tokens that mark where what follows belongs; the first of them that the sequence has counts.</param>
internal sealed record PrefixSpec(int End, ImmutableArray<int> Marks)
{
    /// <summary>The beginning of a sequence; a sequence without the token that ends one has none.</summary>
    public SequencePrefix Of(ReadOnlySpan<int> tokens)
    {
        int length = Math.Max(tokens.IndexOf(End), 0), mark = -1;
        foreach (int kind in Marks)
            if (mark < 0) mark = tokens.IndexOf(kind);
        return new SequencePrefix(length, Math.Max(mark, 0));
    }

    /// <inheritdoc/>
    public bool Equals(PrefixSpec? other) => other is not null && End == other.End && Marks.SequenceEqual(other.Marks);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(End, Marks.Length);
}
