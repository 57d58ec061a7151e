using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan chat</c>: a growing transcript.</summary>
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
    public void ClearForgetsAndQuitLeaves()
    {
        JsonElement turns = Chat("One\n/clear\nTwo\n/quit\nThree\n", "--max-tokens", "5").GetProperty("turns");
        Assert.Equal("Two", Assert.Single(turns.EnumerateArray()).GetProperty("user").GetString());
    }

    [FixtureFact]
    public void PipedTurnsPrintTheAnswersOnly()
    {
        string[] options = ["chat", CliRunner.Stories, "--greedy", "--max-tokens", "10"];
        CliResult plain = CliRunner.RunWithInput("Hello\n", options).Succeeded();
        string answer = CliRunner.RunWithInput("Hello\n", [.. options, "--json"]).Succeeded().Json.GetProperty("turns")[0].GetProperty("assistant").GetString()!;
        Assert.Equal(answer, plain.Output.Trim());
        Assert.Empty(plain.Error);
        CliResult watched = CliRunner.RunWatched("Hello\n", options).Succeeded();
        Assert.StartsWith("User: Assistant:", watched.Output, StringComparison.Ordinal);
        Assert.Contains("the model's chat template is not applied yet", watched.Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void TheOldestTurnsMakeRoom()
    {
        string lines = string.Concat(Enumerable.Repeat("Once upon a time there was a little girl named Lily.\n", 12));
        (Terminal terminal, MemoryStream error) = CliRunner.Over(new MemoryStream(), lines);
        CliResult result = CliRunner.Run((terminal, error), "chat", CliRunner.Stories, "--greedy", "--max-tokens", "20", "--context", "128").Succeeded();
        Assert.Contains("[left out to fit the context: the oldest turn]", result.Error, StringComparison.Ordinal);
    }

    private static JsonElement Chat(string input, params string[] options) =>
        CliRunner.RunWithInput(input, ["chat", CliRunner.Stories, "--greedy", "--json", .. options]).Succeeded().Json;
}
