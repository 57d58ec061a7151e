using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>data stats</c>, <c>convert</c>, <c>dedup</c> and <c>contamination</c>.</summary>
public sealed class DataFileTests : IDisposable
{
    private const string Story = "Once upon a time there was a little dog who liked to run in the park all day";
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void StatisticsAreShown()
    {
        string path = folder.Write("a.jsonl", """
            {"instruction": "Add one and two.", "input": "", "output": "Three."}
            {"instruction": "Add one and two.", "input": "", "output": "Three."}
            """u8);
        CliResult shown = CliRunner.Run("data", "stats", path);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Contains("alpaca", shown.Output, StringComparison.Ordinal);
        Assert.Contains("Length in words", shown.Output, StringComparison.Ordinal);
        JsonElement json = CliRunner.Run("data", "stats", path, "--json", "--context", "4").Json;
        DocumentTests.Check("data_stats", json);
        Assert.Equal((2, 10, 1, 2), (json.GetProperty("samples").GetInt32(), json.GetProperty("length").GetProperty("total").GetInt32(), json.GetProperty("duplicates").GetInt32(), json.GetProperty("longer_than_context").GetInt32()));
    }

    [FixtureFact]
    public void LengthsMayBeInTokens()
    {
        string path = folder.Write("a.txt", "Once upon a time\n"u8);
        JsonElement json = CliRunner.Run("data", "stats", path, "--model", CliRunner.Stories, "--json").Json;
        int tokens = CliRunner.Run("tokenize", CliRunner.Stories, "--no-special", "--text", "Once upon a time", "--json").Json.GetProperty("tokens").GetArrayLength();
        Assert.Equal(("tokens", tokens), (json.GetProperty("unit").GetString(), json.GetProperty("length").GetProperty("total").GetInt32()));
    }

    [Fact]
    public void FormatsAreConverted()
    {
        string path = folder.Write("a.csv", "instruction,input,output\nAdd 1 and 2.,,3\n"u8), target = folder.File("b.jsonl");
        DocumentTests.Check("data_convert", CliRunner.Run("data", "convert", path, "--to", "messages", "--output", target, "--json").Json);
        Assert.Equal("{\"messages\":[{\"role\":\"user\",\"content\":\"Add 1 and 2.\"},{\"role\":\"assistant\",\"content\":\"3\"}]}\n", File.ReadAllText(target));
        CliResult back = CliRunner.Run("data", "convert", target, "--to", "preference", "--output", folder.File("c.jsonl"));
        Assert.Equal(1, back.ExitCode);
        Assert.Contains("b.jsonl' line 1 holds a conversation that the format 'preference'", back.Error, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void DuplicatesAreLeftOut()
    {
        string path = folder.Write("a.jsonl", System.Text.Encoding.UTF8.GetBytes($"{{\"text\": \"{Story}\"}}\n{{\"text\": \"Other\"}}\n{{\"text\": \"{Story}!\"}}\n")), target = folder.File("b.jsonl");
        JsonElement json = CliRunner.Run("data", "dedup", path, "--output", target, "--json").Json;
        DocumentTests.Check("data_dedup", json);
        Assert.Equal((2, 1), (json.GetProperty("kept").GetInt32(), json.GetProperty("removed").GetInt32()));
        Assert.Equal(File.ReadLines(path).Take(2), File.ReadLines(target));
        CliResult shown = CliRunner.Run("data", "dedup", path);
        Assert.Contains("There are 2 samples of 3; 1 duplicate, in ", shown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEvaluationIsFound()
    {
        string test = folder.Write("test.jsonl", System.Text.Encoding.UTF8.GetBytes($"{{\"question\": \"{Story}?\", \"answer\": \"No\"}}"));
        string path = folder.Write("a.txt", System.Text.Encoding.UTF8.GetBytes($"Nothing here.\n\nBut: {Story.ToUpperInvariant()}.\n")), target = folder.File("b.jsonl");
        JsonElement json = CliRunner.Run("data", "contamination", path, "--against", test, "--output", target, "--json").Json;
        DocumentTests.Check("data_contamination", json);
        Assert.Equal(3, Assert.Single(json.GetProperty("hits").EnumerateArray()).GetProperty("training").GetProperty("line").GetInt32());
        Assert.Equal("{\"text\":\"Nothing here.\"}\n", File.ReadAllText(target));
        Assert.Contains("Of 1 sample of the evaluation 1 are found, in 1 of 2", CliRunner.Run("data", "contamination", path, "--against", test).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data dedup x --threshold 0", "--threshold takes more than 0 and up to 1, not 0.")]
    [InlineData("data dedup x --shingle 0", "--shingle takes 1 or more, not 0.")]
    [InlineData("data convert x --output y", "Say with --to NAME which format is to be written.")]
    [InlineData("data convert x --to text", "Say with --output FILE where the data is to be written.")]
    [InlineData("data contamination x", "Say with --against FILE what is to be looked for.")]
    [InlineData("data contamination x --against y --words 0", "--words takes 1 or more, not 0.")]
    [InlineData("data stats x --context 0", "--context takes 1 or more, not 0.")]
    public void WrongWordsEndWithTwo(string line, string sentence)
    {
        CliResult result = CliRunner.Run(line.Split(' '));
        Assert.Equal((2, $"caravan: {sentence}\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public void UnknownFormatsAreCorrected()
    {
        CliResult result = CliRunner.Run("data", "convert", "x", "--to", "sharegtp", "--output", "y");
        Assert.Equal(2, result.ExitCode);
        Assert.EndsWith("Did you mean 'sharegpt'?\n", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
