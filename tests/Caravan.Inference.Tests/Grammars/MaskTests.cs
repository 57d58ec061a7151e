using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Inference.Tests;

/// <summary>Which tokens a grammar allows, token by token.</summary>
public sealed class MaskTests
{
    private static readonly Grammar[] Grammars =
    [
        Grammar.JsonObject,
        Grammar.Regex(@"[\w ]{3,30}|(?:é|日本|🙂|\d+)+"),
        Grammar.Gbnf("root ::= \" \"? (word \" \"){2,} | \"(\" root \")\"\nword ::= [^ ()]+"),
        Grammar.JsonSchema("""{"type":"object","properties":{"name":{"type":"string","maxLength":12},"size":{"type":"integer","minimum":3,"maximum":1250}},"required":["name"]}"""),
        Grammar.After(["<tool>", "to do"], Grammar.Json),
    ];

    public static TheoryData<string, int> Cases()
    {
        TheoryData<string, int> cases = [];
        foreach (string vocabulary in (string[])[.. GrammarWalk.Vocabularies, "words"])
            for (int grammar = 0; grammar < Grammars.Length; grammar++) cases.Add(vocabulary, grammar);
        return cases;
    }

    /// <summary>Against every token's bytes led through the automaton one by one, on the states of random walks and at both kinds of beginning.</summary>
    [FixtureTheory]
    [MemberData(nameof(Cases))]
    public void AMaskHoldsExactlyTheTokensWhoseBytesCanGoOn(string vocabulary, int which)
    {
        Tokenizer tokenizer = vocabulary == "words" ? Words() : GrammarWalk.Vocabulary(vocabulary);
        TokenGrammar grammar = Grammars[which].For(tokenizer);
        float[] logits = new float[tokenizer.VocabularySize + 3], masked = new float[logits.Length];
        int[] ends = [.. tokenizer.EndOfGenerationIds];
        Random random = new(which);
        for (int walk = 0; walk < 4; walk++)
        {
            bool continues = walk % 2 == 0;
            GrammarCursor cursor = new(grammar, ends, continues);
            TokenJoint joint = new(tokenizer.DecodeTable, continues);
            AutomatonState state = grammar.Start;
            for (int step = 0; step < 12; step++)
            {
                cursor.Mask(logits, masked);
                List<int> allowed = [];
                for (int id = 0; id < masked.Length; id++)
                {
                    bool expected = ends.Contains(id) ? state.CanEnd : CanGoOn(grammar, state, joint, id);
                    Assert.True(expected == (masked[id] == 0), $"token {id} '{tokenizer.TokenText(id)}' at step {step} of walk {walk}");
                    if (expected && !ends.Contains(id)) allowed.Add(id);
                }

                if (allowed.Count == 0) break;
                int chosen = allowed[random.Next(allowed.Count)];
                cursor.Accept(chosen);
                if (tokenizer.IsSpecial(chosen)) continue;
                ReadOnlySpan<byte> bytes = joint.Join(chosen, out bool blank);
                state = grammar.Next(state, blank, bytes);
                Assert.Equal(state.CanEnd, cursor.CanEnd);
            }
        }
    }

    [FixtureFact]
    public void CopiesOfACursorGoTheirOwnWays()
    {
        Tokenizer tokenizer = GrammarWalk.Vocabulary("ggml-vocab-gpt-2.gguf");
        GrammarCursor one = new(Grammar.Regex("ab|cd").For(tokenizer), [], continues: true);
        one.Accept(tokenizer.TokenToId("a")!.Value);
        GrammarCursor other = one.Clone();
        other.Accept(tokenizer.TokenToId("b")!.Value);
        Assert.True(other.MustEnd);
        Assert.False(one.CanEnd);
    }

    [FixtureFact]
    public void MasksFoundOnceAreShared()
    {
        Tokenizer tokenizer = GrammarWalk.Vocabulary("ggml-vocab-gpt-2.gguf");
        TokenGrammar grammar = Grammar.Json.For(tokenizer);
        Assert.Same(grammar, Grammar.Json.For(tokenizer));
        AutomatonState one = grammar.Start, other = grammar.Start;
        one = grammar.Next(one, false, "[1, "u8);
        other = grammar.Next(other, false, "[ \"x\",[3], "u8);
        Assert.Same(grammar.MaskOf(ref one, false, 0), grammar.MaskOf(ref other, false, 0));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(67)]
    public void ApplyingAMaskKeepsLogitsAndDropsTheRest(int size)
    {
        TokenMask mask = new(size);
        Random random = new(1);
        float[] logits = [.. Enumerable.Range(0, size + 5).Select(_ => random.NextSingle() - 0.5f)], masked = new float[size + 5];
        for (int id = 0; id < size; id += 1 + random.Next(3)) mask.Allow(id);
        mask.Apply(logits, masked);
        for (int id = 0; id < masked.Length; id++) Assert.Equal(mask[id] ? logits[id] : float.NegativeInfinity, masked[id]);
        mask.Apply(logits.AsSpan(0, size / 2), masked.AsSpan(0, size / 2));
        Assert.Equal(mask[0] ? logits[0] : float.NegativeInfinity, masked[0]);
    }

    /// <summary>A vocabulary whose words end with a blank unless they are the last (GPT's first).</summary>
    private static Tokenizer Words()
    {
        IEnumerable<string> letters = Enumerable.Range('!', 94).Select(value => $"{(char)value}");
        string[] words = ["<unk>", .. letters, .. letters.Select(letter => letter + "</w>"), "name</w>", "\"name", "{\"", "to</w>", "do</w>", "<tool", ">{</w>", "12", "345</w>"];
        using TemporaryFolder folder = new();
        string file = folder.Write("tokenizer.json", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
        {
            version = "1.0",
            model = new { type = "BPE", unk_token = "<unk>", end_of_word_suffix = "</w>", vocab = words.Index().ToDictionary(pair => pair.Item, pair => pair.Index), merges = Array.Empty<string>() },
            decoder = new { type = "BPEDecoder", suffix = "</w>" },
        }));
        Tokenizer tokenizer = Tokenizer.Load(file);
        Assert.Equal("a b", tokenizer.Decode([tokenizer.TokenToId("a</w>")!.Value, tokenizer.TokenToId("b</w>")!.Value]));
        return tokenizer;
    }

    private static bool CanGoOn(TokenGrammar grammar, AutomatonState state, TokenJoint joint, int id)
    {
        if (id >= grammar.Tokenizer.VocabularySize) return false;
        if (grammar.Tokenizer.IsSpecial(id) || grammar.Tokenizer.TokenBytes(id).Length == 0) return state.IsFree;
        ReadOnlySpan<byte> bytes = joint.Join(id, out bool blank);
        AutomatonState next = grammar.Next(state, blank, bytes);
        return next.CanEnd || !next.IsLast;
    }
}
