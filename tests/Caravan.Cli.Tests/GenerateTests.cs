using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>What a user gets from <c>caravan generate</c>.</summary>
public sealed class GenerateTests
{
    [FixtureTheory]
    [InlineData("from_bos")]
    [InlineData("from_prompt")]
    public void ContinuesWithTheReferencesTokens(string which)
    {
        JsonElement golden = CliRunner.StoriesGolden.GetProperty(which);
        string prompt = which == "from_bos" ? "" : golden.GetProperty("text").GetString()!;
        JsonElement document = CliRunner.Run("generate", "--model", CliRunner.Stories, "--prompt", prompt, "--greedy", "--json").Succeeded().Json;
        Assert.Equal(golden.GetProperty("greedy_64").Integers(), document.GetProperty("tokens").Integers());
        Assert.Equal("length", document.GetProperty("finish_reason").GetString());
        Assert.Equal(64, document.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [FixtureFact]
    public void StdoutHoldsTheContinuationAndNothingElse()
    {
        JsonElement golden = CliRunner.StoriesGolden.GetProperty("from_prompt");
        CliResult result = CliRunner.Run("generate", CliRunner.Stories, "--prompt", golden.GetProperty("text").GetString()!, "--greedy").Succeeded();
        Assert.Equal(golden.GetProperty("continuation_text").GetString(), result.Output);
        Assert.Empty(result.Error);
    }

    [FixtureFact]
    public void ThePromptComesFromAFileOrAPipeWithoutItsLastLineEnd()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("prompt.txt", "\uFEFFOnce upon a time\r\n"u8);
        string direct = Text("--prompt", "Once upon a time");
        Assert.Equal(direct, Text("--prompt-file", file));
        Assert.Equal(direct, Text("--prompt=Once upon a time"));
        foreach (string[] piped in (string[][])[[], ["--prompt", "-"], ["--prompt-file", "-"]])
            Assert.Equal(direct, CliRunner.RunWithInput("Once upon a time\n", ["generate", CliRunner.Stories, "--greedy", .. piped]).Succeeded().Output);
        Assert.NotEqual(direct, CliRunner.RunWithInput("Once upon a time\n\n", "generate", CliRunner.Stories, "--greedy").Succeeded().Output);
    }

    /// <summary>The heads of stories260K have 8 features, which fill no block.</summary>
    [FixtureFact]
    public void PagesOfATypeThatDoesNotFitAreRefused()
    {
        CliResult blocks = CliRunner.Run("generate", CliRunner.Stories, "--prompt", "Once", "--kv-type", "q8_0");
        Assert.Equal(1, blocks.ExitCode);
        Assert.Contains("Q8_0 need heads of a multiple of 32 features, but these have 8; keep them as F16.", blocks.Error, StringComparison.Ordinal);
        CliResult unknown = CliRunner.Run("generate", CliRunner.Stories, "--prompt", "Once", "--kv-type", "q4_1");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("--kv-type takes f32, f16, q8_0, q4_0, not 'q4_1'.", unknown.Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void GrammarsSayWhatTheTextLooksLike()
    {
        using TemporaryFolder folder = new();
        string grammar = folder.Write("calls.gbnf", "root ::= (\"yes\" | \"no\") \"!\"{1,3} \"\\n\"\n"u8);
        Assert.Matches("^(yes|no)!{1,3}\n$", Text("--prompt", "Once", "--grammar", grammar));
        Assert.Matches("^[A-F]{3}-[0-9]{2}$", Text("--prompt", "", "--regex", "[A-F]{3}-[0-9]{2}"));
        const string Schema = """{"type":"object","properties":{"day":{"enum":["monday","sunday"]},"count":{"type":"integer","minimum":3,"maximum":5}},"required":["day","count"]}""";
        foreach (string schema in (string[])[Schema, folder.Write("schema.json", System.Text.Encoding.UTF8.GetBytes(Schema))])
        {
            JsonElement value = JsonDocument.Parse(Text("--prompt", "One", "--json-schema", schema)).RootElement;
            Assert.InRange(value.GetProperty("count").GetInt32(), 3, 5);
        }
    }

    [FixtureFact]
    public void GrammarsThatAreWrongAreRefusedInOneSentence()
    {
        CliResult both = CliRunner.Run("generate", CliRunner.Stories, "--prompt", "x", "--regex", "a", "--json-schema", "{}");
        Assert.Equal(2, both.ExitCode);
        Assert.Contains("--grammar, --regex and --json-schema exclude one another", both.Error, StringComparison.Ordinal);
        CliResult broken = CliRunner.Run("generate", CliRunner.Stories, "--prompt", "x", "--regex", "a(?=b)");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("character 4: look-around is not supported.", broken.Error, StringComparison.Ordinal);
        Assert.Contains("nothing.json", CliRunner.Run("generate", CliRunner.Stories, "--prompt", "x", "--json-schema", "nothing.json").Error, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void EchoPutsThePromptFirst() =>
        Assert.Equal("Once upon" + Text("--prompt", "Once upon"), Text("--prompt", "Once upon", "--echo"));

    [FixtureFact]
    public void StopTextsEndItBeforeThem()
    {
        JsonElement document = CliRunner.Run(
            "generate", CliRunner.Stories, "--prompt", "", "--greedy", "--stop", "nothing like this", "--stop", "big, red", "--json").Succeeded().Json;
        Assert.EndsWith("she saw a ", document.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("big, red", document.GetProperty("stop").GetString());
        Assert.Equal("stop", document.GetProperty("finish_reason").GetString());
    }

    [FixtureFact]
    public void TheReportedSeedGivesTheSameText()
    {
        JsonElement first = CliRunner.Run("generate", CliRunner.Stories, "--prompt", "Tim", "--temperature", "2", "--json").Succeeded().Json;
        JsonElement again = CliRunner.Run(
            "generate", CliRunner.Stories, "--prompt", "Tim", "--temperature", "2", "--json", "--seed", $"{first.GetProperty("seed").GetUInt64()}").Succeeded().Json;
        Assert.Equal(first.GetProperty("tokens").Integers(), again.GetProperty("tokens").Integers());
        JsonElement other = CliRunner.Run("generate", CliRunner.Stories, "--prompt", "Tim", "--temperature", "2", "--json", "--seed", "1").Succeeded().Json;
        Assert.NotEqual(first.GetProperty("tokens").Integers(), other.GetProperty("tokens").Integers());
    }

    [FixtureFact]
    public void LogProbabilitiesAreThoseOfTheModel()
    {
        JsonElement document = CliRunner.Run(
            "generate", CliRunner.Stories, "--prompt", "", "--greedy", "--logprobs", "512", "--max-tokens", "3", "--json").Succeeded().Json;
        JsonElement[] steps = [.. document.GetProperty("logprobs").EnumerateArray()];
        Assert.Equal(document.GetProperty("tokens").Integers(), steps.Select(step => step.GetProperty("id").GetInt32()));
        foreach (JsonElement step in steps)
        {
            double[] logarithms = [.. step.GetProperty("top").EnumerateArray().Select(top => top.GetProperty("logprob").GetDouble())];
            Assert.Equal(512, logarithms.Length);
            // 512 floats with relative errors of 1e-6 at most.
            Assert.Equal(1, logarithms.Sum(Math.Exp), 1e-5);
            Assert.Equal(step.GetProperty("logprob").GetDouble(), logarithms.Max());
        }
    }

    [FixtureFact]
    public void OnATerminalTheTextEndsItsLineAndTheSpeedFollows()
    {
        CliResult result = CliRunner.RunWatched("", "generate", CliRunner.Stories, "--prompt", "Once upon a time", "--greedy", "--max-tokens", "5");
        Assert.EndsWith("\n", result.Succeeded().Output, StringComparison.Ordinal);
        Assert.Matches(@"^\[5 tokens at [\d.]+ tokens/s, the first after [\d.]+ m?s; prompt: 5 tokens at \d+ tokens/s\]\n$", result.Error);
        Assert.Contains("tokens/s", CliRunner.Run("generate", CliRunner.Stories, "--prompt", "x", "--max-tokens", "2", "--verbose").Succeeded().Error, StringComparison.Ordinal);
    }

    private static string Text(params string[] options) => CliRunner.Run(["generate", CliRunner.Stories, "--greedy", .. options]).Succeeded().Output;
}
