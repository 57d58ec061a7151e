using System.Text;

namespace Caravan.Text;

/// <summary>
/// SentencePiece's byte-pair encoding: of all neighbours that together are a piece, the one with the best score is merged, of equals the
/// leftmost. Source: Kudo and Richardson 2018, and SentencePiece's bpe_model.
/// </summary>
internal sealed class ScoredPairModel : TextModel
{
    private const int LongestUnused = 512;
    private readonly TokenizerDefinition definition;
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly int longest;
    private readonly int[]? fallback;

    /// <summary>Builds the tables.</summary>
    public ScoredPairModel(TokenizerDefinition definition)
    {
        this.definition = definition;
        for (int i = 0; i < definition.Pieces.Length; i++)
        {
            Piece piece = definition.Pieces[i];
            if (piece.Kind is not (PieceKind.Normal or PieceKind.UserDefined or PieceKind.Unused) || piece.Text.Length == 0) continue;
            ids.TryAdd(piece.Text, i);
            longest = Math.Max(longest, piece.Text.Length);
        }

        lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        fallback = definition.ByteFallback ? ByteTokens(definition.IdsByText()) : null;
    }

    /// <inheritdoc/>
    public override void Encode(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        ReadOnlySpan<char> word = text.Span[start..end];
        buffers.Begin();
        for (int i = 0, length; i < word.Length; i += length)
        {
            UnicodeProperties.CodePointAt(word, i, out length);
            buffers.AddSymbol(i, length, lookup.TryGetValue(word.Slice(i, length), out int id) ? id : -1);
        }

        for (int i = 0; i + 1 < buffers.SymbolCount; i++) Offer(word, buffers, i);
        while (buffers.TryPop(out ulong key, out ulong size))
        {
            int left = (int)(key & uint.MaxValue);
            MergeSymbol symbol = buffers.Symbols[left];
            if (symbol.Length == 0 || symbol.Next < 0) continue;
            int length = symbol.Length + buffers.Symbols[symbol.Next].Length;
            if (length != (int)size) continue;
            buffers.Join(left, lookup[word.Slice(symbol.Start, length)]);
            if (symbol.Previous >= 0) Offer(word, buffers, symbol.Previous);
            Offer(word, buffers, left);
        }

        Emit(text, start, buffers, sink);
    }

    private void Offer(ReadOnlySpan<char> word, MergeBuffers buffers, int left)
    {
        MergeSymbol symbol = buffers.Symbols[left];
        if (symbol.Next < 0) return;
        MergeSymbol next = buffers.Symbols[symbol.Next];
        int length = symbol.Length + next.Length;
        if (length > longest || (!definition.MergesUnknown && (symbol.Id < 0 || next.Id < 0))) return;
        if (!lookup.TryGetValue(word.Slice(symbol.Start, length), out int id)) return;
        buffers.Push(((ulong)Descending((float)definition.Pieces[id].Score) << 32) | (uint)left, (ulong)length);
    }

    /// <summary>A number that is smaller the greater the score is.</summary>
    private static uint Descending(float score)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return ~((bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000);
    }

    private void Emit(AlignedText text, int start, MergeBuffers buffers, TokenSink sink)
    {
        int unknownFrom = -1, unknownTo = -1;
        for (int i = buffers.SymbolCount > 0 ? 0 : -1; i >= 0; i = buffers.Symbols[i].Next)
        {
            MergeSymbol symbol = buffers.Symbols[i];
            int from = start + symbol.Start, to = from + symbol.Length;
            if (symbol.Id < 0 && fallback is null)
            {
                if (unknownFrom < 0 || !definition.FuseUnknown) FlushUnknown(text, ref unknownFrom, unknownTo, sink);
                if (unknownFrom < 0) unknownFrom = from;
                unknownTo = to;
                continue;
            }

            FlushUnknown(text, ref unknownFrom, unknownTo, sink);
            if (symbol.Id < 0) EmitBytes(text, from, to, sink);
            else if (definition.Pieces[symbol.Id].Kind == PieceKind.Unused) EmitUnused(text, from, to, sink);
            else sink.Add(symbol.Id, text, from, to);
        }

        FlushUnknown(text, ref unknownFrom, unknownTo, sink);
    }

    private void FlushUnknown(AlignedText text, ref int from, int to, TokenSink sink)
    {
        if (from >= 0 && definition.UnknownId is { } unknown) sink.Add(unknown, text, from, to);
        from = -1;
    }

    private void EmitBytes(AlignedText text, int from, int to, TokenSink sink)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (int i = from, length; i < to; i += length)
        {
            int count = new Rune(UnicodeProperties.CodePointAt(text.Span[..to], i, out length)).EncodeToUtf8(bytes);
            foreach (byte one in bytes[..count]) sink.Add(fallback![one], text, i, i + length);
        }
    }

    /// <summary>An unused piece helps others merge but is never given out: it comes apart at its best cut into pieces in use.</summary>
    private void EmitUnused(AlignedText text, int from, int to, TokenSink sink)
    {
        int cut = -1;
        double best = double.NegativeInfinity;
        for (int i = from + 1; i < to && to - from <= LongestUnused; i++)
        {
            if (!lookup.TryGetValue(text.Span[from..i], out int left) || !lookup.TryGetValue(text.Span[i..to], out int right)) continue;
            double score = Math.Min(definition.Pieces[left].Score, definition.Pieces[right].Score);
            if (score <= best) continue;
            (cut, best) = (i, score);
        }

        if (cut < 0)
        {
            if (fallback is not null) EmitBytes(text, from, to, sink);
            else if (definition.UnknownId is { } unknown) sink.Add(unknown, text, from, to);
            return;
        }

        EmitPart(text, from, cut, sink);
        EmitPart(text, cut, to, sink);
    }

    private void EmitPart(AlignedText text, int from, int to, TokenSink sink)
    {
        int id = lookup[text.Span[from..to]];
        if (definition.Pieces[id].Kind == PieceKind.Unused) EmitUnused(text, from, to, sink);
        else sink.Add(id, text, from, to);
    }
}
