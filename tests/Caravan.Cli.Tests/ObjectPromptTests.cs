using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Prompts that are objects of texts, for CPM-Bee.</summary>
public sealed class ObjectPromptTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ObjectPromptTests() => TinyCpmBee.Write(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ATextIsTheInputOfAnObject()
    {
        string text = Text("the cat", "--greedy");
        Assert.NotEmpty(text);
        Assert.Equal(text, Text("""{"input": "the cat", "<ans>": ""}""", "--greedy"));
        Assert.NotEqual(text, Text("the cat", "--greedy", "--no-special"));
        Assert.NotEqual(text, Text("""{"input": "the cat", "prompt": "sing", "<ans>": ""}""", "--greedy"));
    }

    [Fact]
    public void TokensSpelledOutInATextArePlainUnlessAskedFor()
    {
        string marked = Text("""{"input": "the <mask_0> cat", "<ans>": ""}""", "--greedy");
        Assert.Equal(marked, Text("the <mask_0> cat", "--greedy", "--parse-special"));
        Assert.NotEqual(marked, Text("the <mask_0> cat", "--greedy"));
    }

    [Fact]
    public void NumberedTokensHaveTheirTextsInReports()
    {
        JsonElement document = CliRunner.Run(
            "generate", folder.Path, "--prompt", """{"input": "<mask_0> <mask_1> 7", "<ans>": ""}""", "--greedy", "--max-tokens", "2", "--logprobs", "60", "--json").Succeeded().Json;
        Dictionary<int, string> texts = document.GetProperty("logprobs")[0].GetProperty("top").EnumerateArray().ToDictionary(top => top.GetProperty("id").GetInt32(), top => top.GetProperty("text").GetString()!);
        Assert.Equal(("<mask_0>", "<mask_1>", "7"), (texts[2], texts[47], texts[1]));
        Assert.Equal(48, texts.Count);
    }

    [Fact]
    public void AChatAsksQuestions()
    {
        string asked = Text("""{"question": "where?", "<ans>": ""}""", "--greedy");
        CliResult chat = CliRunner.Run("generate", folder.Path, "--prompt", "where?", "--chat", "--greedy", "--max-tokens", "20");
        Assert.Equal(asked.TrimStart(), chat.Succeeded().Output);
        Assert.Contains("'cpm-bee'", chat.Error, StringComparison.Ordinal);
        string[] turns = CliRunner.RunWithInput("where?\nwhy?\n", "chat", folder.Path, "--greedy", "--max-tokens", "20", "--system", "sing").Succeeded().Output.Split('\n');
        Assert.True(turns.Length > 2);
    }

    [Theory]
    [InlineData("{\"input\": \"a\"", "The prompt begins like an object in JSON but is none")]
    [InlineData("{\"input\": \"<b>a</b>\", \"<ans>\": \"\"}", "The prompt holds '<b>', but the vocabulary has no special token <b>")]
    [InlineData("{\"input\": \"a\"}", "The prompt has no text under \"<ans>\" for the model to write; add \"<ans>\": \"\" to it.")]
    public void BadObjectsAreRefusedInASentence(string prompt, string said)
    {
        CliResult result = CliRunner.Run("generate", folder.Path, "--prompt", prompt);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
    }

    private string Text(string prompt, params string[] options) =>
        CliRunner.Run(["generate", folder.Path, "--prompt", prompt, "--max-tokens", "20", .. options]).Succeeded().Output;
}
