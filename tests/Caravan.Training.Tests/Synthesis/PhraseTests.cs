using Caravan.Training.Synthesis;

namespace Caravan.Training.Tests;

/// <summary>Small grammars.</summary>
public class PhraseTests
{
    [Theory]
    [InlineData("a (b|c) d", "a b d;a c d")]
    [InlineData("a [b ]c", "a b c;a c")]
    [InlineData("[a|b] c", "a c;b c;c")]
    [InlineData("x\ny", "x;y")]
    [InlineData("(a [b] c|{n})", "7;a b c;a c")]
    public void EveryWayIsSaid(string grammar, string ways)
    {
        Phrase phrase = grammar;
        Draw draw = new(1, Split.Train);
        Assert.Equal(ways, string.Join(';', Enumerable.Range(0, 200).Select(_ => phrase.Say(draw, ("n", "7"))).Distinct().Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("(a|b")]
    [InlineData("a]")]
    [InlineData("{a")]
    [InlineData("a|b")]
    public void BracketsMustClose(string grammar) => Assert.Throws<FormatException>(() => new Phrase(grammar));

    [Fact]
    public void AMissingSlotIsNamed() =>
        Assert.Contains("'who'", Assert.Throws<KeyNotFoundException>(() => new Phrase("{who}").Say(new Draw(1, Split.Train))).Message, StringComparison.Ordinal);

    [Fact]
    public void OneContentInTwentyIsHeldOut() => Assert.InRange(Enumerable.Range(0, 20_000).Count(number => Draw.SplitOf($"{number} + 1") == Split.HeldOut), 850, 1150);
}
