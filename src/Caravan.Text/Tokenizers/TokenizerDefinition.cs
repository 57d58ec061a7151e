namespace Caravan.Text;

/// <summary>How segments become tokens.</summary>
internal enum ModelKind
{
    /// <summary>Byte-pair encoding by merge rank.</summary>
    BytePair,

    /// <summary>SentencePiece's byte-pair encoding: the best-scoring piece is merged first.</summary>
    ScoredPair,

    /// <summary>The most probable cut by a unigram language model.</summary>
    Unigram,

    /// <summary>Longest match first, with marked continuations.</summary>
    WordPiece,

    /// <summary>Whole words only.</summary>
    WordLevel,

    /// <summary>The longest match over bytes.</summary>
    LongestMatch,
}

/// <summary>Everything a tokenizer is made of: the one form that all files are read into and written from.</summary>
internal sealed record TokenizerDefinition
{
    /// <summary>The file it came from, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>How segments become tokens.</summary>
    public required ModelKind Model { get; init; }

    /// <summary>The vocabulary; the index is the id.</summary>
    public required Piece[] Pieces { get; init; }

    /// <summary>For <see cref="ModelKind.BytePair"/>: the merges, best first.</summary>
    public (string Left, string Right)[] Merges { get; init; } = [];

    /// <summary>Whether a character that is no piece becomes the tokens of its UTF-8 bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether unknown characters in a row become one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether a whole segment that is a piece becomes that piece without merging.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Whether the model gives out <see cref="UnknownId"/> for a character that is no piece, or nothing.</summary>
    public bool EmitsUnknown { get; init; } = true;

    /// <summary>Whether a character that is no piece takes part in merges (SentencePiece) or stands alone (llama2.c).</summary>
    public bool MergesUnknown { get; init; } = true;

    /// <summary>What pieces inside a word begin with.</summary>
    public string SubwordPrefix { get; init; } = "";

    /// <summary>What pieces at a word's end end with.</summary>
    public string WordSuffix { get; init; } = "";

    /// <summary>For <see cref="ModelKind.WordPiece"/>: words with more characters are unknown.</summary>
    public int MaximumWordLength { get; init; } = 100;

    /// <summary>Changes the text before it is cut.</summary>
    public Normalizer? Normalizer { get; init; }

    /// <summary>Cuts the text into segments.</summary>
    public PreTokenizer? PreTokenizer { get; init; }

    /// <summary>Turns tokens back into text; none: the pieces with blanks between them.</summary>
    public Decoder? Decoder { get; init; }

    /// <summary>Whether prompts are objects of texts, which <see cref="StructuredEncoder"/> reads.</summary>
    public bool Structured { get; init; }

    /// <summary>Tokens looked for before all else.</summary>
    public IReadOnlyList<AddedToken> Added { get; init; } = [];

    /// <summary>Special tokens put before a text.</summary>
    public IReadOnlyList<int> Before { get; init; } = [];

    /// <summary>Special tokens put after a text.</summary>
    public IReadOnlyList<int> After { get; init; } = [];

    /// <summary>Beginning of text.</summary>
    public int? BosId { get; init; }

    /// <summary>End of text.</summary>
    public int? EosId { get; init; }

    /// <summary>What stands for anything else.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Padding.</summary>
    public int? PadId { get; init; }

    /// <summary>Separator (BERT's [SEP]).</summary>
    public int? SeparatorId { get; init; }

    /// <summary>Mask.</summary>
    public int? MaskId { get; init; }

    /// <summary>Tokens a file names as ending generation, besides those known by their text.</summary>
    public IReadOnlyList<int> EndIds { get; init; } = [];

    /// <summary>The chat template, as written.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Further chat templates by name (tool_use, rag).</summary>
    public IReadOnlyList<(string Name, string Template)> NamedTemplates { get; init; } = [];

    /// <summary>The name GGUF has for the pre-tokenizer, when it came from there.</summary>
    public string? PreTokenizerName { get; init; }

    /// <summary>Whether a merge of pieces outside the vocabulary is allowed, as it is in GGUF.</summary>
    public bool AllowsUnknownMerges { get; init; }

    /// <summary>From the text of every piece to its id; of equals the first counts.</summary>
    public Dictionary<string, int> IdsByText() => IdsByText(_ => true);

    /// <summary>The same for the pieces that plain text may become: not for control tokens, which a stranger's text must not spell.</summary>
    public Dictionary<string, int> PlainIdsByText() => IdsByText(IsPlain);

    /// <summary>Whether plain text may become a piece.</summary>
    public static bool IsPlain(Piece piece) => piece.Kind is not (PieceKind.Control or PieceKind.Unused);

    private Dictionary<string, int> IdsByText(Predicate<Piece> wanted)
    {
        Dictionary<string, int> ids = new(Pieces.Length, StringComparer.Ordinal);
        for (int i = 0; i < Pieces.Length; i++)
            if (wanted(Pieces[i])) ids.TryAdd(Pieces[i].Text, i);
        return ids;
    }
}
