namespace Caravan.Models;

/// <summary>The beginning of a sequence whose tokens all see each other.</summary>
/// <param name="Length">Its tokens; 0 for none.</param>
/// <param name="Mark">Where the tokens after it stand.</param>
internal readonly record struct SequencePrefix(int Length, int Mark)
{
    /// <summary>The same behind so many virtual tokens, which belong to it; a sequence without a prefix has none there either.</summary>
    public SequencePrefix Behind(int tokens) => this == default ? this : new(Length + tokens, Mark + tokens);

    /// <summary>The places of a token: where it stands, and its number after the prefix, from 1.</summary>
    /// <param name="position">Its number in the sequence.</param>
    /// <param name="track">Which place.</param>
    public int Place(int position, int track) => track == 0 ? position < Length ? position : Mark : Math.Max(0, position - Length + 1);
}
