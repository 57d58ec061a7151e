using System.Text;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

public sealed class GbnfTests
{
    private const string Arithmetic = """
        # what llama.cpp's README calls a calculator
        root  ::= (expr "=" ws term "\n"){1,3}
        expr  ::= term ([-+*/] term)*
        term  ::= ident | num | "(" ws expr ")" ws
        ident ::= [a-z] [a-z0-9_]{0,5} ws
        num   ::= [0-9]{1,8} ws
        ws    ::= [ \t\n]{0,2}
        """;

    private const string Chess = """
        root ::= "1. " move " " move "\n" ([1-9] [0-9]? ". " move " " move "\n"){0,4}
        move ::= (pawn | nonpawn | castle) [+#]?

        nonpawn ::= [NBKQR] [a-h]? [1-8]? "x"? [a-h] [1-8]
        pawn ::= ([a-h] "x")? [a-h] [1-8] ("=" [NBKQR])?
        castle ::= "O-O" "-O"?
        """;

    private const string Mixed = """
        root ::= greeting
          | "\"quoted\" \x41\u00e9\U0001F642" # a comment
          | ( "(" root ")" )
        greeting ::= "hello" (", " name)+ .?
        name ::= [^,\x00-\x1F()]{1,8} | "日本" [あ-ん]*
        """;

    public static TheoryData<string> Examples => [Arithmetic, Chess, Mixed, "root ::= \"a\" root \"b\" | \"\"", "root ::= x y x y\nx ::= \"a\"?\ny ::= x \"b\"*"];

    [FixtureTheory]
    [MemberData(nameof(Examples))]
    public void TextsAreRecognised(string text)
    {
        Grammar grammar = Grammar.Gbnf(text);
        NaiveRecogniser check = new(text);
        int complete = 0;
        foreach (string vocabulary in GrammarWalk.Vocabularies)
        {
            for (int seed = 0; seed < 40; seed++)
            {
                if (GrammarWalk.Text(grammar, GrammarWalk.Vocabulary(vocabulary), seed, 120) is not { } output) continue;
                if (output.Length > 400) continue;
                complete++;
                Assert.True(check.Accepts(output), $"'{output}' is not of the grammar");
            }
        }

        Assert.True(complete > 30, $"{complete} texts came to an end");
    }

    [Theory]
    [InlineData("root ::= \"a\" root \"b\" | \"c\"?", "abc", 7)]
    [InlineData("root ::= x{2} | (\"a\" | \"b\"){2,3} \"c\"\nx ::= \"c\" | \"ab\"", "abc", 6)]
    [InlineData("root ::= [^a]* tail\ntail ::= \"a\" | \"b\" tail", "abc", 5)]
    [InlineData("root ::= pair*\npair ::= \"a\" pair* \"b\"", "ab", 8)]
    [InlineData("root ::= left | right\nleft ::= \"a\" \"b\"* \"c\"\nright ::= \"a\"* \"b\" \"c\"+", "abc", 6)]
    public void TakesExactlyTheTextsOfTheGrammar(string text, string alphabet, int longest)
    {
        StateTable states = new(AutomatonBuilder.Build(GbnfParser.Parse(text)));
        AutomatonState start = states.Start();
        NaiveRecogniser check = new(text);
        foreach (string candidate in RegexGrammarTests.Texts(alphabet, longest))
            Assert.True(check.Accepts(candidate) == states.Next(start, Encoding.UTF8.GetBytes(candidate)).CanEnd, $"'{candidate}' of {text}");
    }

    [Theory]
    [InlineData("root ::= expr\nexpr ::= expr \"+\" num | num\nnum ::= [0-9]", "rule 'expr' begins with itself")]
    [InlineData("root ::= blank root \"x\" | \"y\"\nblank ::= \" \"?", "rule 'root' begins with itself")]
    [InlineData("root ::= a\na ::= b\nb ::= a", "begins with itself")]
    [InlineData("root ::= \"a\" root", "no text at all")]
    [InlineData("start ::= \"a\"", "no rule 'root'")]
    [InlineData("root ::= \"a\" | optoin\noption ::= \"b\"", "line 1, column 16: the rule 'optoin' is used but not defined. Did you mean 'option'?")]
    [InlineData("root ::= \"a\n", "line 1, column 10: a literal is not closed")]
    [InlineData("root ::= (\"a\"", "line 1, column 14: a ')' was expected")]
    [InlineData("root ::= [a-", "line 1, column 10: a class is not closed")]
    [InlineData("root ::= \"a\"{3,1}", "above its maximum")]
    [InlineData("\nroot = \"a\"", "line 2, column 6: '::=' was expected")]
    [InlineData("root ::= \"\\q\"", "unknown escape")]
    [InlineData("root ::= <think>", "tokens by name")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1: the rule 'root' is defined a second time")]
    public void MistakesAreNamedWithTheirPlace(string text, string words) =>
        Assert.Contains(words, Assert.Throws<CaravanException>(() => Grammar.Gbnf(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void GrammarsOfTooManyStatesAreRefused() => Assert.Contains(
        "more than 200000 states",
        Assert.Throws<CaravanException>(() => Grammar.Gbnf("root ::= " + string.Join(' ', Enumerable.Repeat("\"x\"{10000}", 21)))).Message,
        StringComparison.Ordinal);

    [FixtureFact]
    public void AmbiguityBeyondMeasureIsRefusedAndNotComputed()
    {
        Grammar grammar = Grammar.Gbnf("root ::= a{3000}\na ::= \"x\"? \"x\"? \"y\"?");
        CaravanException problem = Assert.Throws<CaravanException>(() => GrammarWalk.Text(grammar, GrammarWalk.Vocabulary("tok512.bin"), 1));
        Assert.Contains("too ambiguous", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedGrammarsAreRefusedInOneSentence()
    {
        foreach (string example in (string[])[Arithmetic, Chess, Mixed])
            MutationFuzzer.Run(Encoding.UTF8.GetBytes(example), MutationFuzzer.Mutations(700), example.Length, bytes => Grammar.Gbnf(Encoding.UTF8.GetString(bytes)));
    }
}
