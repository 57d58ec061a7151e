using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan chat</c> and <c>generate --chat</c>.</summary>
public sealed class ChatTests
{
    [FixtureFact]
    public void EveryLineIsATurnAndWhatWasComputedIsKept()
    {
        JsonElement[] turns = [.. Chat("Tell me a story\n\nAnd then?\n", "--max-tokens", "30").GetProperty("turns").EnumerateArray()];
        Assert.Equal(["Tell me a story", "And then?"], turns.Select(turn => turn.GetProperty("user").GetString()));
        JsonElement[] usage = [.. turns.Select(turn => turn.GetProperty("usage"))];
        Assert.Equal(0, usage[0].GetProperty("reused_tokens").GetInt32());
        int first = usage[0].GetProperty("prompt_tokens").GetInt32();
        // Whole pages of 16 tokens of the first turn's prompt are found again.
        Assert.True(usage[1].GetProperty("reused_tokens").GetInt32() >= first / 16 * 16);
        Assert.True(usage[1].GetProperty("prompt_tokens").GetInt32() > first);
    }

    [FixtureFact]
    public void ATemplateIsKeptToAndItsTurnsAreReused()
    {
        JsonElement document = Chat("Tell me a story about a dog\nAnd then?\n", "--max-tokens", "30", "--template", "chatml", "--system", "Be kind.");
        Assert.Equal("chatml", document.GetProperty("template").GetString());
        Assert.Equal("Be kind.", document.GetProperty("system").GetString());
        JsonElement[] usage = [.. document.GetProperty("turns").EnumerateArray().Select(turn => turn.GetProperty("usage"))];
        Assert.True(usage[1].GetProperty("reused_tokens").GetInt32() >= usage[0].GetProperty("prompt_tokens").GetInt32() / 16 * 16);
    }

    [FixtureFact]
    public void ClearForgetsAndQuitLeaves()
    {
        JsonElement turns = Chat("One\n/clear\nTwo\n/quit\nThree\n", "--max-tokens", "5").GetProperty("turns");
        Assert.Equal("Two", Assert.Single(turns.EnumerateArray()).GetProperty("user").GetString());
    }

    [FixtureFact]
    public void TurnsAreTakenBackAndAnsweredAnew()
    {
        JsonElement turns = Chat("/undo\nOne\nTwo\n/undo\n/regenerate\n", "--max-tokens", "5").GetProperty("turns");
        Assert.Equal("One", Assert.Single(turns.EnumerateArray()).GetProperty("user").GetString());
        string[] options = ["chat", CliRunner.Stories, "--seed", "5", "--max-tokens", "20", "--json"];
        string Answer(string input) => CliRunner.RunWithInput(input, options).Succeeded().Json.GetProperty("turns")[0].GetProperty("assistant").GetString()!;
        Assert.NotEqual(Answer("One\n"), Answer("One\n/regenerate\n"));
        Assert.Equal(Answer("One\n/regenerate\n"), Answer("One\n/regenerate\n"));
    }

    [FixtureFact]
    public void SeveralLinesAreOneQuestion()
    {
        JsonElement turns = Chat("one \\\ntwo\n\"\"\"\nthree\n\n/quit\n\"\"\"\n", "--max-tokens", "3").GetProperty("turns");
        Assert.Equal(["one \ntwo", "three\n\n/quit"], turns.EnumerateArray().Select(turn => turn.GetProperty("user").GetString()));
    }

    [FixtureFact]
    public void AConversationIsSavedAndGoesOn()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("talk.json");
        JsonElement first = Chat($"/system Be kind.\nHello\n/save {file}\n", "--max-tokens", "5");
        JsonElement saved = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        Assert.Equal(["system", "user", "assistant"], saved.EnumerateArray().Select(message => message.GetProperty("role").GetString()));
        Assert.Equal(first.GetProperty("turns")[0].GetProperty("assistant").GetString(), saved[2].GetProperty("content").GetString());
        JsonElement next = Chat($"/load {file}\nAnd?\n", "--max-tokens", "5");
        Assert.Equal("Be kind.", next.GetProperty("system").GetString());
        Assert.Equal("And?", Assert.Single(next.GetProperty("turns").EnumerateArray()).GetProperty("user").GetString());
        Assert.True(next.GetProperty("turns")[0].GetProperty("usage").GetProperty("prompt_tokens").GetInt32()
            > first.GetProperty("turns")[0].GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [FixtureTheory]
    [InlineData("{", "not valid JSON")]
    [InlineData("{}", "no array")]
    [InlineData("[1]", "without a text 'role'")]
    [InlineData("[{\"role\":\"assistant\",\"content\":\"x\"}]", "'assistant' where one of the user")]
    [InlineData("[{\"role\":\"user\",\"content\":\"x\"}]", "nobody answered")]
    [InlineData("[{\"role\":\"user\",\"content\":\"\\ud800\"}]", "not valid Unicode")]
    public void FilesThatAreNoConversationsAreRefused(string content, string problem)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("talk.json", System.Text.Encoding.UTF8.GetBytes(content));
        CliResult result = CliRunner.RunWithInput($"/load {file}\n", "chat", CliRunner.Stories);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        // Somebody who types is told, and goes on.
        Assert.Contains(problem, CliRunner.RunWatched($"/load {file}\n/quit\n", "chat", CliRunner.Stories).Succeeded().Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void PipedTurnsPrintTheAnswersOnly()
    {
        string[] options = ["chat", CliRunner.Stories, "--greedy", "--max-tokens", "10"];
        CliResult plain = CliRunner.RunWithInput("Hello\n", options).Succeeded();
        string answer = CliRunner.RunWithInput("Hello\n", [.. options, "--json"]).Succeeded().Json.GetProperty("turns")[0].GetProperty("assistant").GetString()!;
        Assert.Equal(answer, plain.Output.Trim());
        Assert.Equal("[by a plain transcript, since the model carries no chat template and none is known for it]", plain.Error.Trim());
        Assert.Empty(CliRunner.RunWithInput("Hello\n", [.. options, "--template", "plain"]).Succeeded().Error);
        CliResult watched = CliRunner.RunWatched("Hello\n/help\n/sytem\n", options).Succeeded();
        Assert.StartsWith("> ", watched.Output, StringComparison.Ordinal);
        Assert.Contains("plain transcript", watched.Error, StringComparison.Ordinal);
        Assert.Contains("/regenerate", watched.Error, StringComparison.Ordinal);
        Assert.Contains("/image", watched.Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean '/system'?", watched.Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void PicturesAreForModelsThatSee()
    {
        using TemporaryFolder folder = new();
        string picture = folder.File("dot.png");
        File.WriteAllBytes(picture, Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="));
        string[] options = ["chat", CliRunner.Stories, "--greedy", "--max-tokens", "5", "--template", "plain"];
        CliResult blind = CliRunner.RunWatched($"/image {picture}\nHello\n", options).Succeeded();
        Assert.Contains("sees no images", blind.Error, StringComparison.Ordinal);
        Assert.Contains("/image takes the name of a file", CliRunner.RunWatched("/image\n", options).Succeeded().Error, StringComparison.Ordinal);
        Assert.Contains("cannot be read", CliRunner.RunWatched($"/image {picture}.jpg\n", options).Succeeded().Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void TheOldestTurnsMakeRoom()
    {
        string lines = string.Concat(Enumerable.Repeat("Once upon a time there was a little girl named Lily.\n", 12));
        (Terminal terminal, MemoryStream error) = CliRunner.Over(new MemoryStream(), lines);
        CliResult result = CliRunner.Run((terminal, error), "chat", CliRunner.Stories, "--greedy", "--max-tokens", "20", "--context", "128", "--system", "Be kind.").Succeeded();
        Assert.Contains("[left out to fit the context: the oldest turn]", result.Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void TemplatesComeFromFilesAndMayRefuse()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("own.jinja", "{% if messages[0].role == 'system' %}{{ raise_exception('No system message, please.') }}{% endif %}{{ messages[-1].content }}"u8.ToArray());
        Assert.Equal(file, Chat("Once\n", "--template", file, "--max-tokens", "3").GetProperty("template").GetString());
        CliResult refused = CliRunner.RunWithInput("Once\n", "chat", CliRunner.Stories, "--template", file, "--system", "x");
        Assert.Equal((1, "caravan: No system message, please."), (refused.ExitCode, refused.Error.Trim()));
        Assert.Contains("Did you mean 'chatml'", CliRunner.RunWithInput("x\n", "chat", CliRunner.Stories, "--template", "chatmll").Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void GenerateAsksOneQuestion()
    {
        string[] asked = [CliRunner.Stories, "--greedy", "--max-tokens", "10"];
        string chat = CliRunner.RunWithInput("Once upon a time\n", ["chat", "--template", "chatml", "--system", "Be kind.", .. asked]).Succeeded().Output;
        CliResult generated = CliRunner.Run(["generate", "--chat", "--template", "chatml", "--system", "Be kind.", "--prompt", "Once upon a time", .. asked]).Succeeded();
        Assert.Equal(chat.Trim(), generated.Output.Trim());
        Assert.Equal(2, CliRunner.Run(["generate", "--template", "chatml", "--prompt", "x", .. asked]).ExitCode);
        Assert.Equal(2, CliRunner.Run(["generate", "--chat", "--no-special", "--prompt", "x", .. asked]).ExitCode);
    }

    private static JsonElement Chat(string input, params string[] options) =>
        CliRunner.RunWithInput(input, ["chat", CliRunner.Stories, "--greedy", "--json", .. options]).Succeeded().Json;
}
