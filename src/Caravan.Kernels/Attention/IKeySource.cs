namespace Caravan.Kernels;

/// <summary>Where attention finds keys and values: in rows of floats, or in pages.</summary>
internal unsafe interface IKeySource
{
    /// <summary>Loads keys and values [<paramref name="first"/>, <paramref name="first"/> + <paramref name="count"/>) of a segment and a head as floats.</summary>
    /// <param name="segment">The sequence.</param>
    /// <param name="first">A multiple of <see cref="KernelSet.PageTokens"/>.</param>
    /// <param name="count">At most <see cref="AttentionTile.Keys"/>.</param>
    /// <param name="head">Which key head.</param>
    /// <param name="tile">Where they go; key columns up to the next multiple of 16 may get any numbers.</param>
    void Load(in AttentionSegment segment, int first, int count, int head, in AttentionTile tile);
}
