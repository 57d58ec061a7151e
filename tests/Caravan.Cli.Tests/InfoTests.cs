using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan info</c> on models that run and on files that do not.</summary>
public sealed class InfoTests
{
    [FixtureFact]
    public void EveryFixtureCanBeLookedInto()
    {
        string[] folders = [.. Directory.GetDirectories(Fixtures.PathOf("models")), .. Directory.GetDirectories(Fixtures.PathOf("derived"))];
        string[] files = Directory.GetFiles(Fixtures.PathOf("tokenizers"), "*.gguf");
        foreach (string path in folders.Concat(files))
        {
            JsonElement document = CliRunner.Run("info", path, "--json", "--tensors", "--metadata").Succeeded().Json;
            bool supported = document.GetProperty("supported").GetBoolean();
            Assert.Equal(supported, document.GetProperty("unsupported_reason").ValueKind == JsonValueKind.Null);
            Assert.Equal(supported, document.GetProperty("model").ValueKind == JsonValueKind.Object);
            Assert.NotEmpty(document.GetProperty("metadata").EnumerateObject());
        }
    }

    [FixtureFact]
    public void AnUnknownArchitectureIsNamed()
    {
        string path = Fixtures.PathOf("models", "mamba");
        CliResult result = CliRunner.Run("info", path).Succeeded();
        Assert.Contains("  architecture  mamba\n", result.Output, StringComparison.Ordinal);
        Assert.Contains($"  supported     no: '{path}' is of the architecture 'mamba', which Caravan does not know; known are", result.Output, StringComparison.Ordinal);
        Assert.Contains("  hidden_size        40\n", result.Output, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void AVocabularyIsNoModel()
    {
        string path = Fixtures.PathOf("tokenizers", "ggml-vocab-bert-bge.gguf");
        JsonElement document = CliRunner.Run("info", path, "--json").Succeeded().Json;
        Assert.Equal($"'{path}' holds no tensors: it is a vocabulary and no model.", document.GetProperty("unsupported_reason").GetString());
        Assert.Equal("WordPiece", document.GetProperty("tokenizer").GetProperty("kind").GetString());
        Assert.Equal(0, document.GetProperty("parameters").GetInt64());
    }

    [FixtureFact]
    public void CountsAndMemoryAddUp()
    {
        JsonElement document = CliRunner.Run("info", CliRunner.Stories, "--json", "--tensors", "--verify").Succeeded().Json;
        Assert.Equal(260_032, document.GetProperty("parameters").GetInt64());
        Assert.Equal(4 * 260_032, document.GetProperty("bytes").GetInt64());
        Assert.Equal(4 * 260_032, document.GetProperty("tensors").EnumerateArray().Sum(tensor => tensor.GetProperty("bytes").GetInt64()));
        JsonElement memory = document.GetProperty("memory");
        // 5 layers × 4 heads × 8 features × keys and values × 4 bytes.
        Assert.Equal(1024 * 5 * 4 * 8 * 2 * 4, memory.GetProperty("cache_bytes_per_1024_tokens").GetInt64());
        Assert.Equal(512 * 5 * 4 * 8 * 2 * 4, memory.GetProperty("cache_bytes_at_full_context").GetInt64());
        Assert.Equal(JsonValueKind.Null, document.GetProperty("verification").GetProperty("non_finite_weight").ValueKind);
    }

    [FixtureFact]
    public void OnATerminalTablesAreDrawn()
    {
        string drawn = CliRunner.RunWatched("", "info", CliRunner.Stories).Succeeded().Output;
        Assert.Contains("│ architecture │ llama", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain('│', CliRunner.Run("info", CliRunner.Stories).Succeeded().Output);
    }
}
