namespace Caravan.Text;

/// <summary>Collects pieces by id while a file is read.</summary>
internal sealed class Vocabulary(string file)
{
    /// <summary>Ids beyond the number of entries that a file may leave unused; models pad by some hundreds.</summary>
    private const int LargestGap = 1 << 16;

    private readonly Dictionary<int, Piece> pieces = [];
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    private int largest = -1;

    /// <summary>The id of a piece, or null.</summary>
    public int? Find(string text) => ids.TryGetValue(text, out int id) ? id : null;

    /// <summary>Adds a piece of the model.</summary>
    /// <exception cref="CaravanException">The id has a piece already.</exception>
    public void Add(string text, int id, double score, string place)
    {
        if (!pieces.TryAdd(id, new Piece(text, score)))
            throw new CaravanException($"{place} gives the id {id} to '{text}', but '{pieces[id].Text}' has it already; every id may be given once.");
        if (!ids.TryAdd(text, id))
            throw new CaravanException($"{place} gives '{text}' the id {id}, but it has {ids[text]} already; every piece may be given once.");
        largest = Math.Max(largest, id);
    }

    /// <summary>Adds a piece of a scored list, where the same text may come twice and the later one counts.</summary>
    public void AddScored(string text, int id, double score)
    {
        pieces.Add(id, new Piece(text, score));
        ids[text] = id;
        largest = Math.Max(largest, id);
    }

    /// <summary>Adds a token that is looked for before the model; the model may have it too, under the same id.</summary>
    public void AddToken(AddedToken token, string place)
    {
        if (ids.TryGetValue(token.Content, out int known) && known != token.Id)
            throw new CaravanException(
                $"{place} gives '{token.Content}' the id {token.Id}, but the model's vocabulary gives it {known}; the file's parts do not belong together.");
        if (pieces.TryGetValue(token.Id, out Piece other) && other.Text != token.Content && other.Text.Replace('\u2581', ' ') != token.Content)
            throw new CaravanException(
                $"{place} gives the id {token.Id} to '{token.Content}', but the model's vocabulary has '{other.Text}' there; the file's parts do not belong together.");
        pieces.TryAdd(token.Id, new Piece(token.Content));
        ids.TryAdd(token.Content, token.Id);
        largest = Math.Max(largest, token.Id);
    }

    /// <summary>All pieces with their kinds, gaps filled.</summary>
    /// <exception cref="CaravanException">The ids reach far beyond the number of entries.</exception>
    public Piece[] Pieces(IReadOnlyList<AddedToken> added, int? unknown, bool byteFallback)
    {
        if (largest >= pieces.Count + (long)LargestGap)
            throw new CaravanException(
                $"'{file}' gives a token the id {largest} though it has only {pieces.Count} tokens; ids must follow each other, so download the file again.");
        Piece[] result = new Piece[largest + 1];
        for (int id = 0; id < result.Length; id++)
        {
            Piece piece = pieces.TryGetValue(id, out Piece found) ? found : new Piece($"[PAD{id}]", 0, PieceKind.Unused);
            if (byteFallback && ByteFallbackDecoder.TryParse(piece.Text, out _)) piece = piece with { Kind = PieceKind.Byte };
            result[id] = piece;
        }

        foreach (AddedToken token in added)
            result[token.Id] = result[token.Id] with { Kind = token.Special ? PieceKind.Control : PieceKind.UserDefined };
        if (unknown is { } missing && missing < result.Length) result[missing] = result[missing] with { Kind = PieceKind.Unknown };
        return result;
    }
}
