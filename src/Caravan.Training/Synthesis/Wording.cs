namespace Caravan.Training.Synthesis;

/// <summary>How people type, and how words are put together.</summary>
internal static class Wording
{
    /// <summary>A question as people type it: often as it should be, else without its capital or mark, all small or all large.</summary>
    public static string Typed(this Draw draw, string question)
    {
        string bare = question.TrimEnd(' ', '?', '.', '!', '\uFF1F', '\u3002');
        return draw.Below(100) switch
        {
            < 55 => question,
            < 67 => bare,
            < 79 => question.ToLowerInvariant(),
            < 91 => bare.ToLowerInvariant(),
            < 95 => question.ToUpperInvariant(),
            _ => bare + draw.Pick<string>([" ?", "??", "...", " .", "!"]),
        };
    }

    /// <summary>The same with a capital.</summary>
    public static string Capitalized(this string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>The word with <c>a</c> or <c>an</c>.</summary>
    public static string WithArticle(this string word) => ("aeiou".Contains(char.ToLowerInvariant(word[0])) ? "an " : "a ") + word;

    /// <summary>Such as <c>a, b and c</c>.</summary>
    public static string Joined(this IReadOnlyList<string> items, string and = " and ") =>
        items.Count < 2 ? string.Concat(items) : string.Join(", ", items.Take(items.Count - 1)) + and + items[^1];
}
