using System.Text;
using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan tokenize</c> and <c>detokenize</c>.</summary>
public sealed class TokenizeTests
{
    [FixtureFact]
    public void GivesTheReferencesTokens()
    {
        foreach (JsonElement golden in CliRunner.StoriesGolden.GetProperty("tokenizer_encode_cases").EnumerateArray())
        {
            string text = golden.GetProperty("text").GetString()!;
            JsonElement document = CliRunner.Run("tokenize", CliRunner.Stories, "--text", text, "--json").Succeeded().Json;
            int[] ids = [.. document.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("id").GetInt32())];
            Assert.Equal(golden.GetProperty("tokens_with_bos").Integers(), ids);
            string printed = CliRunner.Run("tokenize", CliRunner.Stories, "--text", text, "--ids").Succeeded().Output;
            Assert.Equal(string.Join(' ', ids) + "\n", printed);
            Assert.Equal(text, CliRunner.RunWithInput(printed, "detokenize", "--model", CliRunner.Stories).Succeeded().Output);
        }
    }

    [FixtureTheory]
    [InlineData("utf16")]
    [InlineData("codepoints")]
    [InlineData("bytes")]
    public void PlacesCountInTheUnitThatIsAskedFor(string unit)
    {
        const string text = "Héllo 😀 wörld";
        JsonElement document = CliRunner.Run("tokenize", CliRunner.Stories, "--text", text, "--offsets", unit, "--json").Succeeded().Json;
        Assert.Equal(unit, document.GetProperty("offsets").GetString());
        Encoding encoding = unit switch { "utf16" => Encoding.Unicode, "codepoints" => Encoding.UTF32, _ => Encoding.UTF8 };
        int width = unit switch { "utf16" => 2, "codepoints" => 4, _ => 1 };
        byte[] bytes = encoding.GetBytes(text);
        StringBuilder covered = new();
        int end = 0;
        foreach (JsonElement token in document.GetProperty("tokens").EnumerateArray().Skip(1))
        {
            int start = token.GetProperty("start").GetInt32(), next = token.GetProperty("end").GetInt32();
            // Tokens of one character's bytes all cover the character.
            if (next > end) covered.Append(encoding.GetString(bytes, start * width, (next - start) * width));
            end = next;
        }

        Assert.Equal(text, covered.ToString());
    }

    [FixtureFact]
    public void EveryByteOfAFileCounts()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("text.txt", "one\n"u8);
        string[] tokens = ["tokenize", CliRunner.Stories, "--ids"];
        string expected = CliRunner.Run([.. tokens, "--text", "one\n"]).Succeeded().Output;
        Assert.Equal(expected, CliRunner.Run([.. tokens, "--file", file]).Succeeded().Output);
        Assert.Equal(expected, CliRunner.RunWithInput("one\n", tokens).Succeeded().Output);
        Assert.NotEqual(expected, CliRunner.Run([.. tokens, "--text", "one"]).Succeeded().Output);
    }

    [FixtureFact]
    public void AVocabularyWithoutAModelWillDo()
    {
        string vocabulary = Fixtures.PathOf("tokenizers", "ggml-vocab-gpt-2.gguf");
        foreach (string option in (string[])["--model", "--tokenizer"])
            Assert.Equal("15496 995\n", CliRunner.Run("tokenize", option, vocabulary, "--text", "Hello world", "--ids").Succeeded().Output);
        Assert.Equal("Hello world", CliRunner.Run("detokenize", "--tokenizer", vocabulary, "15496", "995").Succeeded().Output);
    }

    [FixtureFact]
    public void ControlTokensAreTextUnlessTheyAreMeant()
    {
        string vocabulary = Fixtures.PathOf("tokenizers", "ggml-vocab-gpt-2.gguf");
        string[] command = ["tokenize", vocabulary, "--text", "<|endoftext|>", "--ids"];
        Assert.Equal("50256\n", CliRunner.Run([.. command, "--parse-special"]).Succeeded().Output);
        Assert.DoesNotContain("50256", CliRunner.Run(command).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("", CliRunner.Run("detokenize", "--model", vocabulary, "50256").Succeeded().Output);
        Assert.Equal("<|endoftext|>", CliRunner.Run("detokenize", "--model", vocabulary, "50256", "--keep-special").Succeeded().Output);
    }

    [FixtureFact]
    public void SpecialTokensCanBeLeftOut()
    {
        string with = CliRunner.Run("tokenize", CliRunner.Stories, "--text", "Once", "--ids").Succeeded().Output;
        Assert.Equal(with, "1 " + CliRunner.Run("tokenize", CliRunner.Stories, "--text", "Once", "--ids", "--no-special").Succeeded().Output);
    }
}
