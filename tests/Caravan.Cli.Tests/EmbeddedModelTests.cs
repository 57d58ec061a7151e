using System.Text.Json;

namespace Caravan.Cli.Tests;

/// <summary>The model that comes with Caravan answers where none is named.</summary>
public sealed class EmbeddedModelTests
{
    [Fact]
    public void WithoutAModelItAnswersAndSaysWhoItIs()
    {
        CliResult chat = CliRunner.RunWithInput("What is 345 + 278?\n", "chat", "--greedy").Succeeded();
        Assert.Contains("so 623\n", chat.Output, StringComparison.Ordinal);
        Assert.Contains("[caravan-tiny, a small model that comes with Caravan", chat.Error, StringComparison.Ordinal);
        CliResult generated = CliRunner.Run("generate", "--chat", "--prompt", "What is 345 + 278?", "--greedy").Succeeded();
        Assert.EndsWith("so 623", generated.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ByItsNameItIsAModelLikeOthers()
    {
        CliResult info = CliRunner.Run("info", "caravan-tiny", "--json").Succeeded();
        Assert.Equal("llama", info.Json.GetProperty("architecture").GetString());
        Assert.DoesNotContain("comes with Caravan", CliRunner.Run("generate", "caravan-tiny", "--prompt", "Hi", "--max-tokens", "1").Succeeded().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AGrammarMakesItWriteJson()
    {
        CliResult result = CliRunner.Run(
            "generate", "--chat", "--prompt", "Emma lives in Berlin. Emma has a cat. Make JSON with name, city and pet.", "--max-tokens", "200",
            "--json-schema", """{"type": "object", "properties": {"name": {"type": "string"}, "city": {"type": "string"}}, "required": ["name", "city"], "additionalProperties": false}""").Succeeded();
        Assert.Equal(["name", "city"], JsonDocument.Parse(result.Output).RootElement.EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public void ItIsSmall() => Assert.InRange(new FileInfo(EmbeddedModel.Path).Length, 1, 8_000_000);
}
