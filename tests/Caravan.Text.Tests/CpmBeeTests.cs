using System.Text;
using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Testing;

namespace Caravan.Text.Tests;

/// <summary>CPM-Bee's vocabulary and its prompts; the expected tokens follow from the published rules by hand.</summary>
public sealed class CpmBeeTests
{
    private static readonly string[] Lines =
    [
        "<pad>", "<unk>", "<mask>", "<sep>", "</n>", "</_>", "<s>", "</s>", "<root>", "<ans>", "<option>", "<", ">", "a", "ab", "abc", "b", "input", "in", "\\", "今天", "m", "question",
    ];

    [Fact]
    public void TextIsCutAtTheLongestPieces()
    {
        Tokenizer tokenizer = Load(Lines);
        Assert.Equal(23, tokenizer.VocabularySize);
        Assert.Equal([15, 14, 5, 16, 4, 19, 20, 18, 14], tokenizer.Encode("abcab b\n\\今天inab"));
        Assert.Equal("abcab b\n\\今天inab", tokenizer.Decode([15, 14, 5, 16, 4, 19, 20, 18, 14]));
        Assert.Equal([13, 1, 13, 1, 5, 1], tokenizer.Encode("axyax 天天"));
        Assert.Equal([11, 21, 13, 1, 12, 13], tokenizer.Encode("<mask>a"));
        Assert.Equal([2, 13], tokenizer.Encode("<mask>a", parseSpecial: true));
        Assert.Equal([new TextToken(13, "a", 0, 1), new TextToken(1, "<unk>", 1, 4), new TextToken(16, "b", 4, 5)], tokenizer.EncodeWithOffsets("ax\U0001F42Bb"));
        Assert.Equal((6, 7, 1, 0, 2), (tokenizer.BosId, tokenizer.EosId, tokenizer.UnknownId, tokenizer.PadId, tokenizer.MaskId));
        Assert.Equal([7], tokenizer.EndOfGenerationIds);
    }

    [Fact]
    public void WindowsLineEndsAndEmptyLinesAreNoPieces() => Assert.Equal([15, 4], Load(string.Join("\r\n", Lines[..5]) + "\r\n\r\n" + string.Join("\r\n", Lines[5..])).Encode("abc\n"));

    /// <summary>⟨root⟩, name, text, ⟨ans⟩, answer.</summary>
    [Fact]
    public void NamesAndTextsAreParts()
    {
        StructuredPrompt prompt = Encode("""{"<ans>": "", "input": "ab"}""");
        Assert.Equal([6, 8, 7, 6, 9, 7, 6, 17, 7, 6, 14, 7, 6], prompt.Tokens);
        Assert.Equal([0, 3, 6, 9, 12], prompt.Starts);
        Assert.Equal([new(-1, 0), new(0, 1), new(0, 1), new(2, 2), new(1, 2)], prompt.Parts);
        Assert.All(prompt.Numbers, number => Assert.Equal(0, number));
        Assert.Equal((12, 6), (prompt.Given, prompt.Begin));
        // 8 · up + down + 1, and 0 for itself.
        Assert.Equal([17, 9, 18, 19, 0], Enumerable.Range(0, 5).Select(part => prompt.Relation(4, part)));
        Assert.Equal([3, 2, 11, 19, 0], Enumerable.Range(0, 5).Select(part => prompt.Relation(part, 4)));
        Assert.Equal([new NumberedToken(1, 0, "")], prompt.Unwritten);
    }

    [Fact]
    public void DepthsBeyondSevenAreAlike()
    {
        StructuredPrompt prompt = Encode(string.Concat(Enumerable.Repeat("""{"a": """, 9)) + "\"b\"" + new string('}', 8) + """, "<ans>": ""}""");
        Assert.Equal((10, 1 + 56, 1 + 7), (prompt.Parts[10].Depth, prompt.Relation(10, 0), prompt.Relation(0, 10)));
        Assert.Equal((1 + 56 + 2, 1 + 16 + 7), (prompt.Relation(10, 12), prompt.Relation(12, 10)));
    }

    [Fact]
    public void SpecialTokensAndUnknownTextsAreNumberedKindByKind()
    {
        StructuredPrompt prompt = Encode("""{"input": "<mask_0>x<mask_7>yx<sep>", "b": {"<option_0>": "a", "<option_1>": "x"}, "<ans>": {"<mask_7>": "", "<mask_0>": ""}}""");
        Assert.Equal(
            [6, 8, 7, 6, 17, 7, 6, 2, 1, 2, 1, 3, 7, 6, 16, 7, 6, 10, 7, 6, 13, 7, 6, 10, 7, 6, 1, 7, 6, 9, 7, 6, 2, 7, 6, 2, 7, 6], prompt.Tokens);
        Assert.Equal(
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], prompt.Numbers);
        Assert.Equal([new PromptPart(9, 3), new PromptPart(10, 3)], prompt.Parts.Skip(11));
        Assert.Equal(
            ["2 0 <mask_0>", "1 0 x", "2 1 <mask_7>", "1 1 yx", "10 0 <option_0>", "10 1 <option_1>", "9 0 <ans_1>", "9 1 <ans_2>"],
            prompt.Numbered.Select(token => $"{token.Token} {token.Number} {token.Text}"));
        Assert.Equal([new NumberedToken(9, 1, "<ans_2>")], prompt.Unwritten);
    }

    /// <summary>A ‹&lt;› opens a token only where a ‹&gt;› closes it before another opens; a ‹&gt;› right behind it does not.</summary>
    [Theory]
    [InlineData("a<b", new[] { 13, 11, 16 })]
    [InlineData("a<<mask>b>", new[] { 13, 11, 2, 16, 12 })]
    [InlineData("<>a", new[] { 11, 12, 13 })]
    [InlineData("<><sep>", new[] { 11, 12, 3 })]
    [InlineData("<", new[] { 11 })]
    [InlineData("<a<", new[] { 11, 13, 11 })]
    [InlineData("", new int[0])]
    public void BracketsThatCloseNothingAreText(string text, int[] expected) =>
        Assert.Equal([6, .. expected, 7], Encode(new JsonObject { ["input"] = text, ["<ans>"] = "" }.ToJsonString()).Tokens[6..^4]);

    [Fact]
    public void TextThatIsNoObjectIsTheInputOfOne()
    {
        Tokenizer tokenizer = Load(Lines);
        Assert.Equal([6, 8, 7, 6, 17, 7, 6, 2, 7, 6, 9, 7, 6], tokenizer.EncodePrompt("<mask>", addSpecial: true, parseSpecial: true).Tokens);
        EncodedPrompt plain = tokenizer.EncodePrompt("<mask>", addSpecial: true, parseSpecial: false);
        Assert.Equal([6, 8, 7, 6, 17, 7, 6, 11, 21, 13, 1, 12, 7, 6, 9, 7, 6], plain.Tokens);
        Assert.Equal("sk", Assert.Single(plain.Structured!.Numbered, token => token.Token == 1).Text);
        Assert.Equal([13], tokenizer.EncodePrompt("a", addSpecial: false, parseSpecial: false).Tokens);
        Assert.Null(tokenizer.EncodePrompt("a", addSpecial: false, parseSpecial: false).Structured);
    }

    [Theory]
    [InlineData("{\"input\": \"a\", ", "The prompt begins like an object in JSON but is none: it goes wrong in line 1 at byte 15; mend it, or put the text under \"input\" of one.")]
    [InlineData("{} a", "The prompt begins like an object in JSON but is none")]
    [InlineData("{\"input\": \"\\ud800\", \"<ans>\": \"\"}", "The prompt begins like an object in JSON but is none: a text in it is not valid Unicode; mend it")]
    [InlineData("{\"input\": [1, 2], \"<ans>\": \"\"}", "The prompt has [1, 2] under \"input\"; a text or an object of texts was expected.")]
    [InlineData("{\"input\": 7, \"<ans>\": \"\"}", "The prompt has 7 under \"input\"; a text or an object of texts was expected.")]
    [InlineData("{\"input\": \"a\"}", "The prompt has no text under \"<ans>\" for the model to write")]
    [InlineData("{\"input\": \"a\", \"<ans>\": {}}", "The prompt has no text under \"<ans>\" for the model to write")]
    [InlineData("{\"input\": {\"<ans>\": \"\"}}", "The prompt has no text under \"<ans>\" for the model to write")]
    [InlineData("{\"a\": \"\", \"a\": \"\", \"<ans>\": \"\"}", "The prompt has \"a\" twice in one object; leave one out.")]
    [InlineData("{\"input\": \"<foo_1>\", \"<ans>\": \"\"}", "The prompt holds '<foo_1>', but the vocabulary has no special token <foo>")]
    [InlineData("{\"<b>\": \"a\", \"<ans>\": \"\"}", "The prompt holds '<b>', but the vocabulary has no special token <b>")]
    public void BadPromptsAreRefused(string prompt, string said)
    {
        string message = Assert.Throws<CaravanException>(() => Encode(prompt)).Message;
        Assert.StartsWith(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void ConversationsAreQuestionsAboutWhatWasSaid()
    {
        Tokenizer tokenizer = Load(Lines);
        ChatFormat format = ChatFormat.Of(tokenizer, "x");
        Assert.Equal(("cpm-bee", 0, 0), (format.Name, format.StopStrings.Count, format.StopTokens.Count));
        Assert.Equal([6, 8, 7, 6, 22, 7, 6, 14, 7, 6, 9, 7, 6], format.Encode([Message("user", "ab")]).Tokens);
        // What strangers write makes no tokens; what they can write names no text they cannot.
        EncodedPrompt guarded = format.Encode([Message("user", "<mask>\",<option_1>")]);
        Assert.Equal((0, 0), (guarded.Tokens.Count(token => token == 2), guarded.Tokens.Count(token => token == 10)));
        Assert.Equal([6, 8, 7, 6, 22, 7, 6, 2, 10, 7, 6, 9, 7, 6], format.Encode([Message("user", "<mask><option_1>")], trustContent: true).Tokens);
        Assert.DoesNotContain(guarded.Structured!.Numbered, token => token.Text.Contains('\uFDD0'));
    }

    [Fact]
    public void OtherFilesCannotSayIt()
    {
        using TemporaryFolder folder = new();
        Tokenizer tokenizer = Load(Lines);
        Assert.Contains("keep its vocab.txt", Assert.Throws<CaravanException>(() => tokenizer.SaveTo(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("keep its vocab.txt", Assert.Throws<CaravanException>(() => tokenizer.WriteTo(new GgufMetadata())).Message, StringComparison.Ordinal);
        Assert.Contains("no <unk>", Assert.Throws<CaravanException>(() => Load([.. Lines.Except(["<unk>"])])).Message, StringComparison.Ordinal);
        Assert.Contains("has no token </s>", Assert.Throws<CaravanException>(() => Load([.. Lines.Except(["</s>"])]).EncodePrompt("a", true, false)).Message, StringComparison.Ordinal);
    }

    private static StructuredPrompt Encode(string prompt) => Load(Lines).EncodePrompt(prompt, addSpecial: true, parseSpecial: false).Structured!;

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static Tokenizer Load(string[] lines) => Load(string.Join('\n', lines) + "\n");

    private static Tokenizer Load(string file)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("tokenizer_config.json"), """{"tokenizer_class": "CpmBeeTokenizer", "auto_map": {"AutoTokenizer": ["tokenization_cpmbee.CpmBeeTokenizer", null]}}""");
        folder.Write("vocab.txt", Encoding.UTF8.GetBytes(file));
        return Tokenizer.Load(folder.Path);
    }
}
