namespace Caravan.Text;

/// <summary>What a vocabulary entry is; the numbers are those of GGUF and of SentencePiece.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>A vocabulary entry as files spell it, with its score (log probability, or merge priority) where the model has scores.</summary>
internal readonly record struct Piece(string Text, double Score = 0, PieceKind Kind = PieceKind.Normal);

/// <summary>A token that is looked for in the text before the model sees it.</summary>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it is a control token: only found when special tokens are wanted, left out of decoded text.</summary>
    public bool Special { get; init; }

    /// <summary>Whether blanks before it belong to it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether blanks after it belong to it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Whether it must not touch a word character.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it is looked for in the normalised text.</summary>
    public bool Normalized { get; init; }
}
