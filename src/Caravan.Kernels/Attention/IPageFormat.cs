namespace Caravan.Kernels;

/// <summary>
/// How one type of pages keeps the keys and values of one head. Keys are stored turned: feature by feature, the 16 tokens of a page side by side,
/// so that a register holds one feature of many keys and a query meets them without sums across lanes, at any head size. Values are rows.
/// The block types quantize each token's 32 consecutive features with one scale, exactly as their weights are, and only lay them out otherwise.
/// </summary>
internal unsafe interface IPageFormat
{
    /// <summary>What a number costs and how it rounds.</summary>
    static abstract DType DType { get; }

    /// <summary>Puts a key of <paramref name="size"/> features in its place in a page.</summary>
    static abstract void StoreKey(float* key, int size, byte* page, int token);

    /// <summary>Puts a value of <paramref name="size"/> features in its row.</summary>
    static abstract void StoreValue(float* value, int size, byte* row);

    /// <summary>
    /// The 16 keys of a page as floats, feature after feature in rows <paramref name="stride"/> floats apart; meanwhile the page at
    /// <paramref name="next"/> is asked for.
    /// </summary>
    static abstract void LoadKeys<TLanes>(byte* page, byte* next, int size, float* tile, long stride)
        where TLanes : unmanaged, ILanes<TLanes>;

    /// <summary>A value as floats; meanwhile the row at <paramref name="next"/> is asked for.</summary>
    static abstract void LoadValue<TLanes>(byte* row, byte* next, int size, float* destination)
        where TLanes : unmanaged, ILanes<TLanes>;
}
