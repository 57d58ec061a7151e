namespace Caravan.Text;

/// <summary>What a token's place in the text does to its bytes: blanks dropped at the very beginning, a blank due after the token before it.</summary>
internal struct TokenJoint(DecodeTable table, bool continues)
{
    /// <summary>How many blanks at the beginning of the next token are still to be dropped.</summary>
    public int LeadingBlanks { get; private set; } = continues ? 0 : table.LeadingBlanks;

    /// <summary>Whether a blank stands between the text so far and the next bytes.</summary>
    public bool BlankDue { get; private set; }

    /// <summary>The bytes that a token adds to the text, and whether a blank comes before them.</summary>
    public ReadOnlySpan<byte> Join(int id, out bool blankBefore)
    {
        ReadOnlySpan<byte> added = table.Bytes(id);
        blankBefore = BlankDue && added.Length > 0;
        BlankDue = table.BlankAfter(id) || (BlankDue && added.Length == 0);
        for (; LeadingBlanks > 0 && added.Length > 0; LeadingBlanks--)
        {
            if (added[0] != ' ')
            {
                LeadingBlanks = 0;
                break;
            }

            added = added[1..];
        }

        return added;
    }
}
