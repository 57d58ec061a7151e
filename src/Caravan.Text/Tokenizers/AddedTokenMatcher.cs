namespace Caravan.Text;

/// <summary>Finds added tokens in a text: leftmost first, of those the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly PieceTrie trie = new();
    private readonly AddedToken[] tokens;
    private readonly bool[] begins = new bool[0x10000];

    /// <summary>Builds the trie of tokens with the spellings to look for.</summary>
    public AddedTokenMatcher(IEnumerable<(AddedToken Token, string Spelling)> spelled)
    {
        List<AddedToken> list = [];
        foreach ((AddedToken token, string spelling) in spelled)
        {
            if (spelling.Length == 0) continue;
            trie.Add(spelling, list.Count);
            begins[spelling[0]] = true;
            list.Add(token);
        }

        tokens = [.. list];
    }

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty => tokens.Length == 0;

    /// <summary>Adds all occurrences, with the blanks that belong to them.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="special">Whether control tokens are found too.</param>
    /// <param name="plain">Places where nevertheless no control token begins; null for none.</param>
    /// <param name="found">Gets start, end and id of each.</param>
    public void Find(ReadOnlySpan<char> text, bool special, IReadOnlySet<int>? plain, List<(int Start, int End, int Id)> found)
    {
        int done = 0;
        for (int i = 0; i < text.Length;)
        {
            int length = begins[text[i]] ? Longest(text[i..], special && plain?.Contains(i) != true, out int index) : Missing(out index);
            if (length == 0)
            {
                i++;
                continue;
            }

            AddedToken token = tokens[index];
            int start = i, end = i + length;
            i = end;
            if (token.SingleWord && !StandsAlone(text, start, end)) continue;
            while (token.StripLeft && start > done && char.IsWhiteSpace(text[start - 1])) start--;
            while (token.StripRight && end < text.Length && char.IsWhiteSpace(text[end])) end++;
            found.Add((start, end, token.Id));
            done = i = end;
        }
    }

    /// <summary>Whether a text begins with one of them.</summary>
    public bool MatchesAt(ReadOnlySpan<char> text) => begins[text[0]] && Longest(text, special: true, out _) > 0;

    private static int Missing(out int index) => index = 0;

    private int Longest(ReadOnlySpan<char> text, bool special, out int index)
    {
        int node = PieceTrie.Root, longest = 0;
        index = -1;
        for (int i = 0; i < text.Length; i++)
        {
            node = trie.Next(node, text[i]);
            if (node < 0) break;
            int value = trie.ValueAt(node);
            if (value >= 0 && (special || !tokens[value].Special)) (longest, index) = (i + 1, value);
        }

        return longest;
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int end) =>
        (start == 0 || !UnicodeProperties.IsWord(UnicodeProperties.CodePointBefore(text, start, out _)))
        && (end == text.Length || !UnicodeProperties.IsWord(UnicodeProperties.CodePointAt(text, end, out _)));
}
