using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan quantize</c>.</summary>
public sealed class QuantizeTests
{
    private const string Story = "Once upon a time, there was a little girl named Lily. She loved to play outside in the sun. One day, she saw a big dog. The dog was sad.";

    [FixtureFact]
    public void MoreBitsLoseLess()
    {
        using TemporaryFolder folder = new();
        string text = folder.Write("text.txt", System.Text.Encoding.UTF8.GetBytes(Story));
        double[] losses = [.. new[] { "q2_k", "q4_k_m", "q8_0" }.Select(mix => Quantize(mix))];
        Assert.True(losses[0] > losses[1] && losses[1] > losses[2] && losses[2] > 0, string.Join(", ", losses));

        double Quantize(string mix) => CliRunner.Run("quantize", CliRunner.Stories, folder.File(mix + ".gguf"), "--type", mix, "--compare", text, "--json").Succeeded()
            .Json.GetProperty("comparison").GetProperty("mean_divergence").GetDouble();
    }

    [FixtureFact]
    public void AMatrixThatWasKeptGivesTheSameModel()
    {
        using TemporaryFolder folder = new();
        string text = folder.Write("text.txt", System.Text.Encoding.UTF8.GetBytes(Story)), kept = folder.File("kept.gguf");
        string first = folder.File("first.gguf"), second = folder.File("second.gguf"), without = folder.File("without.gguf");
        JsonElement report = CliRunner.Run("quantize", CliRunner.Stories, first, "--type", "q4_0", "--imatrix", text, "--save-imatrix", kept, "--json").Succeeded().Json;
        Assert.Equal("text.txt", report.GetProperty("importance").GetProperty("datasets")[0].GetString());
        CliRunner.Run("quantize", CliRunner.Stories, second, "--type", "Q4_0", "--imatrix", kept).Succeeded();
        CliRunner.Run("quantize", CliRunner.Stories, without, "--type", "q4_0").Succeeded();
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        Assert.NotEqual(File.ReadAllBytes(first), File.ReadAllBytes(without));
    }

    [FixtureTheory]
    [InlineData(2, "'q4_k_x' is no mix of quantized types", "--type", "q4_k_x")]
    [InlineData(2, "--save-imatrix keeps what --imatrix TEXT finds out", "--save-imatrix", "x")]
    [InlineData(2, "--chunks takes 1 or more", "--chunks", "-1")]
    [InlineData(1, "'nowhere.txt' does not exist", "--imatrix", "nowhere.txt")]
    [InlineData(1, "The text file 'nowhere.txt' cannot be read", "--compare", "nowhere.txt")]
    public void MistakesAreTold(int code, string sentence, params string[] flags)
    {
        using TemporaryFolder folder = new();
        CliResult result = CliRunner.Run(["quantize", CliRunner.Stories, folder.File("a.gguf"), .. flags]);
        Assert.Equal(code, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }
}
