using System.Globalization;

namespace Caravan.Cli;

/// <summary>Reads token numbers as people write them: <c>1,2,3</c>, <c>1 2 3</c> or <c>[1, 2, 3]</c>.</summary>
internal static class TokenList
{
    private static readonly char[] Separators = [',', ' ', '\t', '\r', '\n', '[', ']'];

    /// <summary>The numbers.</summary>
    /// <exception cref="CaravanException">One is no number, or is outside the vocabulary.</exception>
    public static int[] Parse(string text, int vocabularySize)
    {
        string[] words = text.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        return [.. words.Select(word => ParseOne(word, vocabularySize))];
    }

    private static int ParseOne(string word, int vocabularySize)
    {
        if (!long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long id))
            throw new CaravanException($"'{word}' is no token number; give whole numbers such as 1,2,3.");
        return id >= 0 && id < vocabularySize ? (int)id : throw new CaravanException($"There is no token {id}; the model knows 0 to {vocabularySize - 1}.");
    }
}
