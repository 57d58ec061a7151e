namespace Caravan.Inference;

/// <summary>What a full page is found by: the serial of the page before it, or of the root that a first page has, and a hash of its own tokens.</summary>
internal readonly record struct PageKey(long PreviousSerial, ulong Hash)
{
    /// <summary>The key of a page; the hash is FNV-1a over the tokens.</summary>
    public static PageKey Of(long previousSerial, ReadOnlySpan<int> tokens)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (int token in tokens) hash = (hash ^ (uint)token) * 1_099_511_628_211;
        return new PageKey(previousSerial, hash);
    }
}
