namespace Caravan.Models;

internal sealed partial class Batch
{
    /// <summary>Noise for the token embeddings where a tape follows them; null for none.</summary>
    public EmbeddingNoise? Noise { get; set; }

    /// <summary>Whether any row is a virtual token's.</summary>
    internal bool HasVirtualTokens { get; private set; }

    /// <summary>Whether sequences are whole and some adapter has virtual tokens that are not among their rows yet.</summary>
    internal bool LacksVirtualTokens(IReadOnlyList<Adapter?> attached)
    {
        if (HasVirtualTokens) return false;
        foreach (int slot in Adapters)
            if (slot >= 0 && attached[slot]!.VirtualTokens is not null) return true;
        return false;
    }

    /// <summary>The same whole sequences, each behind the virtual tokens of its adapter. No row of it asks for logits.</summary>
    /// <param name="table">The attached adapters.</param>
    /// <param name="rows">[N] where this batch's rows are in the other.</param>
    /// <exception cref="CaravanException">A sequence is made of parts.</exception>
    internal Batch WithVirtualTokens(AdapterTable table, out int[] rows)
    {
        if (HasParts) throw new CaravanException("Virtual tokens cannot stand before a prompt that is an object of texts; give a text, or leave the adapter out.");
        Batch all = new() { Noise = Noise };
        rows = new int[Count];
        for (int i = 0; i < Sequences; i++)
        {
            int[] virtualTokens = [.. table.VirtualTokensOf(adapters[i])];
            (int first, int count, int before) = (segments[i].QueryStart, segments[i].QueryCount, virtualTokens.Length);
            int start = all.Count + before;
            all.Adapter = adapters[i];
            all.AddSequence([.. virtualTokens, .. Tokens.Slice(first, count)], Models.LogitRows.None);
            for (int row = 0; row < count; row++) rows[first + row] = start + row;
            all.lengths[^1] = lengths[i] + before;
            SequencePrefix prefix = (prefixes[i] ?? default).Behind(before);
            all.prefixes[^1] = prefix;
            all.segments[^1] = all.segments[^1] with { Prefix = prefix.Length };
            if (encodedSegments.Count > 0) all.encodedSegments.Add(encodedSegments[i] with { QueryStart = start - before, QueryCount = count + before });
            if (tokenTypes.Count > 0) all.SetTokenTypes(TokenTypes[first..Math.Min(first + count, tokenTypes.Count)]);
        }

        foreach (PlacedFeatures features in placed) all.Place(features with { Row = rows[features.Row] });
        return all;
    }
}
