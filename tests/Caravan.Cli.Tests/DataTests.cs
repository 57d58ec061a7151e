using System.Text.Json;
using System.Text.RegularExpressions;
using Caravan.Testing;
using Caravan.Text;
using Caravan.Training.Synthesis;

namespace Caravan.Cli.Tests;

/// <summary>Samples and tokenizers from the command line.</summary>
public sealed class DataTests
{
    [Fact]
    public void SamplesGoToAFileOrToStandardOutput()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.jsonl");
        CliResult written = CliRunner.Run("data", "synth", "--skills", "arithmetic,talk", "--count", "30", "--seed", "7", "--output", path).Succeeded();
        Assert.Contains("30 samples", written.Output, StringComparison.Ordinal);
        CliResult shown = CliRunner.Run("data", "synth", "--skills", "arithmetic,talk", "--count", "30", "--seed", "7").Succeeded();
        Assert.Equal(File.ReadAllText(path), shown.Output);
        string[] skills = [.. shown.Output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("skill").GetString()!)];
        Assert.Equal(30, skills.Length);
        Assert.Equal(["arithmetic", "talk"], skills.Distinct().Order());
        Assert.Equal(["a.jsonl"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void ATokenizerIsLearntFromSamplesAndTexts()
    {
        using TemporaryFolder folder = new();
        (string samples, string texts, string lines) = (folder.File("a.jsonl"), folder.File("b.jsonl"), folder.Write("c.txt", "Caravan carries every open language model.\n"u8));
        CliRunner.Run("data", "synth", "--count", "200", "--output", samples).Succeeded();
        CliRunner.Run("data", "synth", "--text", "--count", "100", "--output", texts).Succeeded();
        string target = folder.File("tiny");
        CliRunner.Run("data", "tokenizer", samples, texts, lines, "--vocabulary", "700", "--output", target).Succeeded();
        Tokenizer learnt = Tokenizer.Load(target);
        Assert.Equal(700, learnt.VocabularySize);
        Assert.Equal([0, 1, 2, 3, 4], learnt.Encode("<|endoftext|><|im_start|><|im_end|><tool_call></tool_call>", parseSpecial: true));
        Assert.Equal(0, learnt.EosId);
        Assert.Equal(BuiltInTemplates.Find("caravan")!.Source, learnt.ChatTemplate);
        Assert.NotNull(learnt.TokenToId("assistant"));
        Assert.Equal("tokenizer.json,tokenizer_config.json", string.Join(',', Directory.GetFiles(target).Select(Path.GetFileName).Order()));
    }

    [Theory]
    [InlineData("data synth --skills arithmetic,story", 2, "The skill 'story' is not known")]
    [InlineData("data synth --count 0", 2, "--count takes 1 or more, not 0.")]
    [InlineData("data synth --split test", 2, "--split takes train or held-out, not 'test'.")]
    [InlineData("data synth --json", 2, "--json needs --output")]
    [InlineData("data tokenizer nope.txt --output a", 1, "'nope.txt'")]
    [InlineData("data tokenizer nope.txt", 2, "Say with --output FOLDER where the tokenizer is to be written.")]
    [InlineData("data tokenizer nope.txt --output a --vocabulary 100", 1, "A vocabulary of 100 tokens cannot be learnt")]
    [InlineData("data tokenizer nope.txt --output a --template caravn", 1, "Did you mean 'caravan'?")]
    public void MistakesAreSaidInASentence(string line, int exitCode, string expected)
    {
        CliResult result = CliRunner.Run(line.Split(' '));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    /// <summary>What the embedded model is taught to say of the command line is true.</summary>
    [Fact]
    public void VerbsThatAModelIsTaughtExist()
    {
        Draw draw = new(1, Split.Train);
        string[] answers = [.. TopicCatalog.Caravan.Select(topic => topic.Answers.Say(draw))];
        string[] verbs = [.. VerbCatalog.Create().Select(verb => verb.Group ?? verb.Name).Distinct()];
        string listed = answers.Single(answer => answer.StartsWith("The verbs are", StringComparison.Ordinal)).Split('.')[0][13..];
        Assert.All(Regex.Matches(listed, @"\w+").Select(match => match.Value).Where(word => word != "and"), verb => Assert.Contains(verb, verbs));
        Assert.All(answers.SelectMany(answer => Regex.Matches(answer, @"Type: caravan (\w+)")), match => Assert.Contains(match.Groups[1].Value, verbs));
    }

    [Fact]
    public void ABrokenLineIsNamed()
    {
        using TemporaryFolder folder = new();
        CliResult result = CliRunner.Run("data", "tokenizer", folder.Write("a.jsonl", "{\"text\": \"a\"}\n{\"text\": "u8), "--output", folder.File("t"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("a.jsonl", result.Error, StringComparison.Ordinal);
        Assert.Contains("line 2", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("t")));
    }
}
