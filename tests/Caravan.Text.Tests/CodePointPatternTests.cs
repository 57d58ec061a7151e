namespace Caravan.Text.Tests;

public class CodePointPatternTests
{
    private static string[] Find(string pattern, string text)
    {
        List<(int Start, int End)> matches = [];
        new CodePointPattern(pattern).Matches(text, new PatternMatcher(), matches);
        return [.. matches.Select(match => text[match.Start..match.End])];
    }

    [Theory]
    [InlineData(@"\p{L}+", "ab𝒳𠀀c 12", "ab𝒳𠀀c")]
    [InlineData(@"\p{N}{1,3}", "12345𝟘𝟙", "123|45𝟘|𝟙")]
    [InlineData(@"[^\s\p{L}\p{N}]+", "a🚀🙂 b", "🚀🙂")]
    [InlineData(@"(?i:'s|'ll)x?", "'S 'lL 'ſx", "'S|'lL|'ſx")]
    [InlineData(@"a(?-i)b(?i)c", "abC aBc", "abC")]
    [InlineData(@"\s+(?!\S)|\s+", "a   b ", "  | | ")]
    [InlineData(@"(?<!a)b|(?<=x|yy)c", "ab bb xc yyc yc", "b|b|c|c")]
    [InlineData(@"a++b|a", "aaab aaa", "aaab|a|a|a")]
    [InlineData(@"(?>a|ab)c|ab", "abc", "ab")]
    [InlineData(@"[a-z&&[^aeiou]]+", "hello", "h|ll")]
    [InlineData(@"[\p{Lu}\p{M}&&[^\p{Han}]]+", "ABc漢", "AB")]
    [InlineData(@"\p{Han}+|\p{^L}", "漢字a1", "漢字|1")]
    [InlineData(@"[[:digit:]]{2,}?|[\-\]\\]", "1234-]\\", "12|34|-|]|\\")]
    [InlineData(@"\x41\x{1F680}\u00e9", "A🚀é", "A🚀é")]
    [InlineData(@"\bfoo\b", "foo foobar barfoo foo.", "foo|foo")]
    [InlineData(@"^a|b$", "a\nab\nb", "a|a|b|b")]
    [InlineData(@"(?:ab|a(?:c|d)*)+?e", "abacde", "abacde")]
    [InlineData(@"(a?)*b", "aab", "aab")]
    [InlineData(@"(?<name>x)(?#no)\.y{0}{2,z", "x.{2,z", "x.{2,z")]
    [InlineData(@"[]a]+[^]]", "]a]b", "]a]b")]
    [InlineData(@"x{,2}y", "xxxy", "xxy")]
    public void Matches_as_oniguruma_does(string pattern, string text, string expected) => Assert.Equal(expected.Split('|'), Find(pattern, text));

    [Fact]
    public void Empty_matches_are_places_to_cut()
    {
        List<(int Start, int End)> matches = [];
        new CodePointPattern(@"(?=(\d{3})+(?!\d))").Matches("1234567", new PatternMatcher(), matches);
        Assert.Equal([(1, 1), (4, 4)], matches);
    }

    [Theory]
    [InlineData("(a", "a group that is not closed at character 2")]
    [InlineData("a)", "an unmatched ')' at character 1")]
    [InlineData("[a", "a class that is not closed at character 2")]
    [InlineData("*a", "a quantifier with nothing before it at character 0")]
    [InlineData(@"\p{Lx}", "the unknown property 'Lx'")]
    [InlineData(@"(a)\1", "a back reference")]
    [InlineData("[z-a]", "a range whose end is before its start")]
    [InlineData("a{3,2}", "a repetition whose minimum is above its maximum")]
    [InlineData("a{99999}", "a repetition count above 10000")]
    [InlineData("(?<=a+)b", "looks behind by a varying length")]
    [InlineData("((a{900}b){900}c){900}", "repeats to more than")]
    [InlineData("(?:(?:(?:){9999}){9999}){9999}", "repeats to more than")]
    [InlineData("\\", "a backslash at the end")]
    public void A_malformed_pattern_is_refused_with_its_place(string pattern, string expected) =>
        Assert.Contains(expected, Assert.Throws<CaravanException>(() => new CodePointPattern(pattern)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("(a+)+$", "a", "b")]
    [InlineData("(a|a)*c", "a", "")]
    [InlineData("(?=(a*)*b)x", "a", "")]
    public void A_pattern_that_explodes_is_stopped(string pattern, string repeated, string last)
    {
        string text = string.Concat(Enumerable.Repeat(repeated, 5000)) + last;
        Assert.StartsWith(
            "A pattern of this tokenizer backtracks without bound on a text of", Assert.Throws<CaravanException>(() => Find(pattern, text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_has_an_entry_and_its_patterns_compile()
    {
        Assert.Equal(NamedPreTokenizers.Names.Count, NamedPreTokenizers.Names.Distinct().Count());
        foreach (string name in NamedPreTokenizers.Names) Assert.NotNull(NamedPreTokenizers.Find(name));
        Assert.Null(NamedPreTokenizers.Find("gpt2"));
    }

    [Theory]
    [InlineData("llama-bpe", "I'LL go  now!!\n\n  x 12345 １２３４ don't", "I|'LL| go| | now|!!\n\n| | x| |123|45| |１２３|４| don|'t")]
    [InlineData("qwen2", "a123 'VE'VE", "a|1|2|3| '|VE|'VE")]
    [InlineData("gpt-2", "I'LL go  now!! 123 'll", "I|'|LL| go| | now|!!| 123| '|ll")]
    [InlineData("starcoder", "x 123 'll", "x| |1|2|3| '|ll")]
    [InlineData("command-r", "e\u0301 12", "\u00E9| |1|2")]
    [InlineData("deepseek-v3", "你好abc,x 1234こ", "你好|abc|,x| |123|4|こ")]
    [InlineData("deepseek-coder", "你好 a1!? b", "你好| a|1|!?| b")]
    [InlineData("tekken", "HelloWORLD Ünder12 𝐀b", "Hello|WORLD| Ünder|1|2| 𝐀b")]
    [InlineData("gpt-4o", "HelloWORLD's it'll 1234/\n", "Hello|WORLD's| it'll| |123|4|/\n")]
    [InlineData("superbpe", "abc 1234567 de", "abc |1|234|567| de")]
    [InlineData("tiny_aya", "1234567 12ab", "1|234|567| |12|ab")]
    [InlineData("bloom", "a, b (c)", "a|,| b| (|c|)")]
    [InlineData("kimi-k2", "漢字abc Xy漢", "漢字|abc| Xy|漢")]
    [InlineData("viking", "ab12 c", "ab|1|2| c")]
    [InlineData("bailingmoe", "'lL a 12", "'lL| a| |1|2")]
    [InlineData("qwen35", "e\u0302\u0323x", "\u1EC7x")]
    [InlineData("jais-2", "a      b", "a|    | | b")]
    [InlineData("chameleon", "IMGIMGABZ 12", "IMGIMGABZ| |1|2")]
    public void Names_cut_text_as_their_models_do(string name, string text, string expected)
    {
        NamedPreTokenizers.Entry entry = NamedPreTokenizers.Find(name)!;
        Segments segments = new();
        segments.Text.Load(text, 0);
        entry.Normalizer?.Apply(segments.Text);
        segments.Reset();
        foreach (PreTokenizer step in entry.PreTokenizer is SequencePreTokenizer sequence ? sequence.Steps : [entry.PreTokenizer])
            if (step is ByteLevelPreTokenizer bytes) bytes.Cut(segments);
            else step.Apply(segments);
        Assert.Equal(expected.Split('|'), segments.Items.Select(item => segments.Text.Span[item.Start..item.End].ToString()));
    }
}
