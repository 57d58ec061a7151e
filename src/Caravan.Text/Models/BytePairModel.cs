using System.Text;

namespace Caravan.Text;

/// <summary>
/// Byte-pair encoding by merge rank: the pair with the lowest rank is merged, of equals the leftmost, until none is left.
/// Source: Sennrich et al. 2016; GPT-2's byte-level form.
/// </summary>
internal sealed class BytePairModel : TextModel
{
    private const int LongestRemembered = 32;
    private const int MostRemembered = 20_000;
    private readonly TokenizerDefinition definition;
    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly MergeTable merges;
    private readonly bool takesBytes;
    private readonly int[] byteIds = new int[256];
    private readonly int[]? fallback;
    private readonly List<string> between = [];

    /// <summary>Builds the tables; <paramref name="takesBytes"/>: segments are plain text whose bytes are the first symbols.</summary>
    /// <exception cref="CaravanException">A merge names a piece that is not in the vocabulary.</exception>
    public BytePairModel(TokenizerDefinition definition, bool takesBytes)
    {
        this.definition = definition;
        this.takesBytes = takesBytes;
        ids = definition.IdsByText();
        lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        merges = new MergeTable(definition.Merges.Length);
        for (int rank = 0; rank < definition.Merges.Length; rank++)
        {
            (string left, string right) = definition.Merges[rank];
            string joined = definition.SubwordPrefix.Length > 0 && right.StartsWith(definition.SubwordPrefix, StringComparison.Ordinal)
                ? left + right[definition.SubwordPrefix.Length..]
                : left + right;
            merges.Add(Find(left, rank), Find(right, rank), rank, Find(joined, rank));
        }

        for (int i = 0; i < 256; i++) byteIds[i] = ids.GetValueOrDefault(ByteAlphabet.CharacterOf((byte)i).ToString(), -1);
        fallback = definition.ByteFallback ? ByteTokens(ids) : null;
    }

    /// <inheritdoc/>
    public override void Encode(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        ReadOnlySpan<char> word = text.Span[start..end];
        Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> seen = default;
        bool remember = takesBytes && !sink.WantsOffsets && word.Length <= LongestRemembered;
        if (remember)
        {
            seen = buffers.Seen.GetAlternateLookup<ReadOnlySpan<char>>();
            if (seen.TryGetValue(word, out int[]? known))
            {
                sink.Ids.AddRange(known);
                return;
            }
        }

        int first = sink.Ids.Count;
        buffers.Begin();
        if (!IsWhole(text, start, end, buffers, sink))
        {
            if (takesBytes) AddBytes(word, buffers);
            else AddCharacters(word, buffers);
            Merge(buffers);
            Emit(text, start, end, buffers, sink);
        }

        if (!remember) return;
        if (buffers.Seen.Count >= MostRemembered) buffers.Seen.Clear();
        seen[word] = [.. sink.Ids[first..]];
    }

    private int Find(string piece, int rank)
    {
        if (ids.TryGetValue(piece, out int id)) return id;
        if (!definition.AllowsUnknownMerges)
            throw new CaravanException(
                $"'{definition.Source}' has in merge {rank + 1} the piece '{piece}', which its vocabulary of {definition.Pieces.Length} pieces lacks; "
                + "vocabulary and merges are of different models, so download both again.");
        id = definition.Pieces.Length + between.Count;
        between.Add(piece);
        ids[piece] = id;
        return id;
    }

    private bool IsWhole(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        if (!definition.IgnoreMerges) return false;
        ReadOnlySpan<char> word = text.Span[start..end];
        int id;
        if (takesBytes)
        {
            int count = Utf8(word, buffers);
            char[]? large = count > 256 ? new char[count] : null;
            Span<char> spelled = large ?? stackalloc char[count];
            for (int i = 0; i < count; i++) spelled[i] = ByteAlphabet.CharacterOf(buffers.Bytes[i]);
            if (!lookup.TryGetValue(spelled, out id)) return false;
        }
        else if (!lookup.TryGetValue(word, out id)) return false;
        if (id >= definition.Pieces.Length || !TokenizerDefinition.IsPlain(definition.Pieces[id])) return false;
        sink.Add(id, text, start, end);
        return true;
    }

    private static int Utf8(ReadOnlySpan<char> word, MergeBuffers buffers)
    {
        if (buffers.Bytes.Length < word.Length * 3) buffers.Bytes = new byte[Math.Max(word.Length * 3, buffers.Bytes.Length * 2)];
        return Encoding.UTF8.GetBytes(word, buffers.Bytes);
    }

    private void AddBytes(ReadOnlySpan<char> word, MergeBuffers buffers)
    {
        int count = Utf8(word, buffers);
        for (int i = 0; i < count; i++) buffers.AddSymbol(i, 1, byteIds[buffers.Bytes[i]]);
    }

    private void AddCharacters(ReadOnlySpan<char> word, MergeBuffers buffers)
    {
        bool plain = definition.SubwordPrefix.Length == 0 && definition.WordSuffix.Length == 0;
        Span<byte> bytes = stackalloc byte[4];
        for (int i = 0, length; i < word.Length; i += length)
        {
            int codePoint = UnicodeProperties.CodePointAt(word, i, out length);
            ReadOnlySpan<char> character = word.Slice(i, length);
            if (!plain)
                character = (i > 0 ? definition.SubwordPrefix : "") + character.ToString() + (i + length == word.Length ? definition.WordSuffix : "");
            if (lookup.TryGetValue(character, out int id) && (id >= definition.Pieces.Length || TokenizerDefinition.IsPlain(definition.Pieces[id]))) buffers.AddSymbol(i, length, id);
            else if (fallback is null) AddUnknown(i, length, buffers);
            else
            {
                // The tokens of one character's bytes all cover the character; the last of them carries its length.
                int count = new Rune(codePoint).EncodeToUtf8(bytes);
                for (int b = 0; b < count; b++) buffers.AddSymbol(b == 0 ? i : i + length, b == 0 ? length : 0, fallback[bytes[b]]);
            }
        }
    }

    private void AddUnknown(int start, int length, MergeBuffers buffers)
    {
        int last = buffers.SymbolCount - 1;
        if (definition.FuseUnknown && last >= 0 && buffers.Symbols[last].Id == -1) buffers.Symbols[last].Length += length;
        else buffers.AddSymbol(start, length, -1);
    }

    private void Merge(MergeBuffers buffers)
    {
        for (int i = 0; i + 1 < buffers.SymbolCount; i++) Offer(buffers, i);
        while (buffers.TryPop(out ulong key, out ulong check))
        {
            int left = (int)(key & uint.MaxValue);
            MergeSymbol symbol = buffers.Symbols[left];
            if (symbol.Next < 0 || symbol.Id < 0 || MergeTable.Pair(symbol.Id, buffers.Symbols[symbol.Next].Id) != check) continue;
            merges.TryFind(symbol.Id, buffers.Symbols[symbol.Next].Id, out _, out int result);
            buffers.Symbols[symbol.Next].Id = -2;
            buffers.Join(left, result);
            if (symbol.Previous >= 0) Offer(buffers, symbol.Previous);
            Offer(buffers, left);
        }
    }

    private void Offer(MergeBuffers buffers, int left)
    {
        int next = buffers.Symbols[left].Next;
        if (next < 0) return;
        int leftId = buffers.Symbols[left].Id, rightId = buffers.Symbols[next].Id;
        if (leftId < 0 || rightId < 0 || !merges.TryFind(leftId, rightId, out int rank, out _)) return;
        buffers.Push(((ulong)(uint)rank << 32) | (uint)left, MergeTable.Pair(leftId, rightId));
    }

    private void Emit(AlignedText text, int start, int end, MergeBuffers buffers, TokenSink sink)
    {
        if (buffers.SymbolCount == 0) return;
        ByteCursor cursor = new(text, start, end);
        for (int i = 0; i >= 0; i = buffers.Symbols[i].Next)
        {
            MergeSymbol symbol = buffers.Symbols[i];
            int from = start + symbol.Start, to = from + symbol.Length;
            if (takesBytes && sink.WantsOffsets) (from, to) = cursor.Advance(symbol.Length);
            else if (takesBytes) (from, to) = (start, end);
            // What stands for a later byte of a character covers that whole character.
            if (to == from && from > start)
            {
                UnicodeProperties.CodePointBefore(text.Span[..from], from, out int length);
                from -= length;
            }

            // GGUF's readers spell what merges made and the vocabulary lacks; where words have marked ends it is unknown.
            bool lacking = symbol.Id >= definition.Pieces.Length;
            if (lacking && definition.WordSuffix.Length == 0) Spell(symbol, from, to, text, buffers, sink);
            else if (symbol.Id >= 0 && !lacking) sink.Add(symbol.Id, text, from, to);
            else if (definition.UnknownId is { } unknown && definition.EmitsUnknown) sink.Add(unknown, text, from, to);
        }
    }

    /// <summary>Emits a symbol that merges made but the vocabulary lacks, byte by byte or character by character.</summary>
    private void Spell(MergeSymbol symbol, int from, int to, AlignedText text, MergeBuffers buffers, TokenSink sink)
    {
        foreach (char character in between[symbol.Id - definition.Pieces.Length])
            if (ids.TryGetValue(character.ToString(), out int id) && id < definition.Pieces.Length) sink.Add(id, text, from, to);
    }
}
