namespace Caravan.Text;

/// <summary>
/// Reads CPM-Bee's <c>vocab.txt</c>: a piece a line, <c>&lt;/_&gt;</c> for the blank and <c>&lt;/n&gt;</c> for the line end. Text is cut at the longest
/// piece that fits; pieces in angle brackets are special, and prompts are objects of texts.
/// </summary>
internal static class CpmBeeVocabulary
{
    private const string Blank = "</_>", LineEnd = "</n>", Unknown = "<unk>";

    /// <summary>Whether lines are those of such a vocabulary.</summary>
    public static bool Recognises(IReadOnlyCollection<string> lines) => new[] { Blank, LineEnd, "<root>", "<ans>" }.All(lines.Contains);

    /// <summary>The tokenizer of a vocabulary and the configuration files beside it.</summary>
    /// <exception cref="CaravanException">A special token is missing.</exception>
    public static Tokenizer Read(string path, string[] lines)
    {
        Piece[] pieces = [.. lines.Where(line => line.Length > 0).Select(PieceOf)];
        TokenizerDefinition definition = new()
        {
            Source = path,
            Model = ModelKind.LongestMatch,
            Pieces = pieces,
            FuseUnknown = true,
            Structured = true,
            UnknownId = Find(Unknown) ?? throw new CaravanException($"'{path}' has {pieces.Length} pieces, but no {Unknown}, as in CPM-Bee's vocabulary; download it again."),
            BosId = Find("<s>"),
            EosId = Find("</s>"),
            PadId = Find("<pad>"),
            MaskId = Find("<mask>"),
            Added = [.. Enumerable.Range(0, pieces.Length).Where(id => pieces[id].Kind != PieceKind.Normal).Select(id => new AddedToken(id, pieces[id].Text) { Special = true })],
        };
        return new Tokenizer(TokenizerConfigFiles.Apply(definition, Path.GetDirectoryName(Path.GetFullPath(path))!));

        int? Find(string text) => Array.FindIndex(pieces, piece => piece.Text == text) is >= 0 and int id ? id : null;
    }

    /// <summary>Longest-match pieces are spelled like Python's literals.</summary>
    private static Piece PieceOf(string line) => line switch
    {
        Blank => new Piece(" "),
        LineEnd => new Piece("\\n"),
        Unknown => new Piece(line, 0, PieceKind.Unknown),
        ['<', .., '>'] when line.Length > 2 => new Piece(line, 0, PieceKind.Control),
        _ => new Piece(line.Replace("\\", "\\\\", StringComparison.Ordinal)),
    };
}
