using System.Text;

namespace Caravan.Text;

/// <summary>What every token contributes to decoded text, worked out once.</summary>
internal sealed class DecodeTable
{
    private readonly byte[] bytes;
    private readonly int[] ends;
    private readonly bool[] special;
    private readonly bool[] blankAfter;

    /// <summary>Runs the decoder over the vocabulary.</summary>
    public DecodeTable(TokenizerDefinition definition)
    {
        int count = definition.Pieces.Length;
        (ends, special, blankAfter) = (new int[count], new bool[count], new bool[count]);
        string?[] contents = new string?[count];
        foreach (AddedToken token in definition.Added)
        {
            contents[token.Id] = token.Content;
            special[token.Id] |= token.Special;
        }

        using MemoryStream stream = new();
        for (int id = 0; id < count; id++)
        {
            Piece piece = definition.Pieces[id];
            special[id] |= piece.Kind is PieceKind.Control or PieceKind.Unknown;
            stream.Write(Decode(definition, contents[id] ?? piece.Text, contents[id] is not null, out blankAfter[id]));
            ends[id] = checked((int)stream.Length);
        }

        bytes = stream.ToArray();
        LeadingBlanks = definition.Decoder?.LeadingBlanks ?? (definition.Model == ModelKind.LongestMatch ? 0 : 1);
    }

    /// <summary>Blanks dropped at the very beginning of a text.</summary>
    public int LeadingBlanks { get; }

    /// <summary>The bytes of a token in the middle of a text; empty for an id outside the vocabulary.</summary>
    public ReadOnlySpan<byte> Bytes(int id)
    {
        if ((uint)id >= (uint)ends.Length) return [];
        int start = id == 0 ? 0 : ends[id - 1];
        return bytes.AsSpan(start, ends[id] - start);
    }

    /// <summary>Whether a token is a control token (an id outside the vocabulary is one too).</summary>
    public bool IsSpecial(int id) => (uint)id >= (uint)special.Length || special[id];

    /// <summary>Whether a blank follows the token unless it is the last.</summary>
    public bool BlankAfter(int id) => (uint)id < (uint)blankAfter.Length && blankAfter[id];

    private static byte[] Decode(TokenizerDefinition definition, string text, bool added, out bool blankAfter)
    {
        blankAfter = false;
        if (definition.Model == ModelKind.LongestMatch) return added ? Encoding.UTF8.GetBytes(text) : PythonLiteral.Bytes(text);
        DecodePiece piece = new(definition.Decoder is null ? " " + text : text, added);
        definition.Decoder?.Apply(piece);
        blankAfter = piece.BlankAfter;
        return piece.Bytes ?? Encoding.UTF8.GetBytes(piece.Text);
    }
}
