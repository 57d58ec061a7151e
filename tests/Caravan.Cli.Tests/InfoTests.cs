using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan info</c> on models that run and on files that do not.</summary>
public sealed class InfoTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

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
        string path = folder.Path;
        string original = Fixtures.PathOf("models", "mamba");
        File.WriteAllText(folder.File("config.json"), File.ReadAllText(Path.Combine(original, "config.json")).Replace("\"mamba\"", "\"mambo\"", StringComparison.Ordinal));
        File.Copy(Path.Combine(original, "model.safetensors"), folder.File("model.safetensors"));
        CliResult result = CliRunner.Run("info", path).Succeeded();
        Assert.Contains("  architecture  mambo\n", result.Output, StringComparison.Ordinal);
        Assert.Contains($"  supported     no: '{path}' is of the architecture 'mambo', which is none of the", result.Output, StringComparison.Ordinal);
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
        // 5 layers × 4 heads × 8 features × keys and values × 2 bytes.
        Assert.Equal(1024 * 5 * 4 * 8 * 2 * 2, memory.GetProperty("cache_bytes_per_1024_tokens").GetInt64());
        Assert.Equal(512 * 5 * 4 * 8 * 2 * 2, memory.GetProperty("cache_bytes_at_full_context").GetInt64());
        Assert.Equal(JsonValueKind.Null, document.GetProperty("verification").GetProperty("non_finite_weight").ValueKind);
    }

    [FixtureFact]
    public void ATypeThatCannotBeReadIsNamed()
    {
        using TemporaryFolder folder = new();
        CliRunner.Run("convert", CliRunner.Stories, folder.File("a.gguf")).Succeeded();
        byte[] bytes = File.ReadAllBytes(folder.File("a.gguf"));
        byte[] name = "blk.0.attn_q.weight"u8.ToArray();
        // Behind the name: number of dimensions, two dimensions, type.
        int type = bytes.AsSpan().IndexOf(name) + name.Length + sizeof(int) + (2 * sizeof(long));
        Assert.Equal(0, BitConverter.ToInt32(bytes, type));
        BitConverter.TryWriteBytes(bytes.AsSpan(type), 4711);
        folder.Write("a.gguf", bytes);
        JsonElement document = CliRunner.Run("info", folder.File("a.gguf"), "--json").Succeeded().Json;
        Assert.False(document.GetProperty("supported").GetBoolean());
        Assert.Contains("tensor 'blk.0.attn_q.weight' is stored as ggml type 4711", document.GetProperty("unsupported_reason").GetString(), StringComparison.Ordinal);
        JsonElement unknown = document.GetProperty("types").EnumerateArray().Single(share => !share.GetProperty("supported").GetBoolean());
        Assert.Equal(1, unknown.GetProperty("tensors").GetInt32());
        Assert.Contains("(cannot be read)", CliRunner.Run("info", folder.File("a.gguf")).Succeeded().Output, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void NamesFromFilesCannotCommandTheTerminal()
    {
        using TemporaryFolder folder = new();
        File.Copy(Fixtures.PathOf("models", "llama-gqa", "model.safetensors"), folder.File("model.safetensors"));
        string config = File.ReadAllText(Fixtures.PathOf("models", "llama-gqa", "config.json"));
        File.WriteAllText(folder.File("config.json"), config.Replace("\"llama\"", "\"ll\\u001b[31mama\"", StringComparison.Ordinal));
        string output = CliRunner.RunWatched("", "info", folder.Path, "--metadata").Succeeded().Output;
        Assert.Contains("ll\uFFFD[31mama", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[31m", output, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void OnATerminalTablesAreDrawn()
    {
        string drawn = CliRunner.RunWatched("", "info", CliRunner.Stories).Succeeded().Output;
        Assert.Contains("│ architecture │ llama", drawn, StringComparison.Ordinal);
        Assert.DoesNotContain('│', CliRunner.Run("info", CliRunner.Stories).Succeeded().Output);
    }
}
