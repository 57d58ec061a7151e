using System.Text;
using System.Text.RegularExpressions;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

public sealed class RegexGrammarTests
{
    private static readonly string[] Supported =
    [
        "abc", "a|b|", "(?:yes|no|maybe)", @"\d{3}-\d{4}", @"[A-Z][a-z]{2,10}( [A-Z][a-z]{2,10})*", @"\w{1,6}@\w{1,6}\.(com|org)", "[^a-z]{1,20}", @"\s?\S{1,8}\s?",
        "(a(b(c)?)?)?", "x*?y+?z??", "(?<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])", @"[\]\-\\^]{1,5}", @"\x41\u00e9\u{4e2d}?", @".{0,10}", "^abc$", @"(?:\+|-)?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?",
        @"[\d\s]{4}", "(ab|a)(bc|c)?", "(a|b)*abb", @"\\\/\.\*", "日本|中国{2}", "[😀-😂]x?", "{}".Replace("{}", @"\{\}"),
    ];

    public static TheoryData<string> Patterns => [.. Supported];

    [FixtureTheory]
    [MemberData(nameof(Patterns))]
    public void TextsMatch(string pattern)
    {
        Grammar grammar = Grammar.Regex(pattern);
        // .NET counts UTF-16 units and knows neither (?P<…>) nor \u{…}; a stand-in for characters of two units makes the two agree.
        string net = pattern.Replace("(?P<", "(?<").Replace(@"\u{4e2d}", "\u4e2d").Replace("[😀-😂]", "\ue000");
        Regex check = new($@"\A(?:{net})\z", RegexOptions.CultureInvariant);
        int complete = 0;
        foreach (string vocabulary in GrammarWalk.Vocabularies)
        {
            for (int seed = 0; seed < 40; seed++)
            {
                if (GrammarWalk.Text(grammar, GrammarWalk.Vocabulary(vocabulary), seed, 150) is not { } text) continue;
                complete++;
                string units = string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp ? rune.ToString() : "\ue000"));
                Assert.True(check.IsMatch(units), $"'{text}' does not match {pattern}");
            }
        }

        Assert.True(complete > 60, $"{complete} texts came to an end");
    }

    /// <summary>All texts of a small alphabet up to a length: the automaton takes those that .NET matches, and no others.</summary>
    [Theory]
    [InlineData("(a|b)*abb")]
    [InlineData("a{2,3}b?|c+")]
    [InlineData("[^a]{2}|(ab|a)(bc|c)?")]
    [InlineData("((a|b){2}c){0,2}")]
    [InlineData("(a*b*)*c|(|a)b")]
    [InlineData("a+?b*?c??")]
    public void TakesExactlyTheTextsThatMatch(string pattern)
    {
        StateTable states = new(AutomatonBuilder.Build(RegexParser.Parse(pattern)));
        AutomatonState start = states.Start();
        Regex check = new($@"\A(?:{pattern})\z");
        foreach (string text in Texts("abc", 6))
            Assert.True(check.IsMatch(text) == states.Next(start, Encoding.UTF8.GetBytes(text)).CanEnd, $"'{text}' of {pattern}");
    }

    [Fact]
    public void PropertiesAreThoseOfUnicode()
    {
        StateTable states = new(AutomatonBuilder.Build(RegexParser.Parse(@"\p{Lu}\P{L}")));
        AutomatonState start = states.Start();
        foreach (string text in (string[])["A1", "É ", "Σ_", "𝖣🙂"]) Assert.True(states.Next(start, Encoding.UTF8.GetBytes(text)).CanEnd, text);
        foreach (string text in (string[])["a1", "AA", "日1"]) Assert.False(states.Next(start, Encoding.UTF8.GetBytes(text)).CanEnd, text);
    }

    [Theory]
    [InlineData("a(?=b)", "character 4", "look-around")]
    [InlineData(@"(a)\1", "character 4", "back reference '\\1'")]
    [InlineData(@"\bword", "character 1", "word boundary")]
    [InlineData("a(b", "character 2", "not closed")]
    [InlineData("a)b", "character 2", "without a '('")]
    [InlineData("*a", "character 1", "nothing before it")]
    [InlineData("[z-a]", "character 3", "range")]
    [InlineData("a^b", "character 2", "'^' within")]
    [InlineData("(a$|b)", "character 3", "'$' within")]
    [InlineData("(?i)abc", "character 3", "flags")]
    [InlineData("a++", "character 3", "possessive")]
    [InlineData("a{5,2}", "character 7", "above its maximum")]
    [InlineData(@"\p{Nonsense}", "character 3", "not known")]
    [InlineData("[[:alpha:]]", "character 2", "POSIX")]
    [InlineData("a{99999}", "character 7", "more than 10000")]
    public void WhatIsNotSupportedIsNamedWithItsPlace(string pattern, params string[] words)
    {
        string message = Assert.Throws<CaravanException>(() => Grammar.Regex(pattern)).Message;
        foreach (string word in words) Assert.Contains(word, message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedPatternsAreRefusedInOneSentence()
    {
        foreach (string pattern in Supported)
            MutationFuzzer.Run(Encoding.UTF8.GetBytes(pattern + "(x{2,5}|[a-f]+){1,3}"), MutationFuzzer.Mutations(100), pattern.Length, bytes => Grammar.Regex(Encoding.UTF8.GetString(bytes)));
    }

    internal static IEnumerable<string> Texts(string alphabet, int longest)
    {
        List<string> last = [""];
        for (int length = 0; length <= longest; length++)
        {
            foreach (string text in last) yield return text;
            last = [.. last.SelectMany(text => alphabet.Select(letter => text + letter))];
        }
    }
}
