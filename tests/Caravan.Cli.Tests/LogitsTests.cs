using System.Text.Json;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary><c>caravan logits</c> on every fixture of a known family, as a user would compare it with another program.</summary>
public sealed class LogitsTests
{
    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes));

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void TheDocumentHoldsTheReferencesNumbers(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
        {
            string tokens = string.Join(',', sequence.InputIds);
            JsonElement all = CliRunner.Run("logits", golden.Folder, "--tokens", tokens, "--positions", "all", "--generate", "24", "--json").Succeeded().Json;
            Assert.Equal(["tokens", "logits", "argmax", "generated"], all.EnumerateObject().Select(field => field.Name));
            Assert.Equal(sequence.InputIds, all.GetProperty("tokens").Integers());
            Assert.Equal(sequence.Argmax, all.GetProperty("argmax").Integers());
            // Without a cache, as the reference defines it, also where a cache changes the numbers.
            Assert.Equal(sequence.Greedy24, all.GetProperty("generated").Integers());
            float[][] rows = all.GetProperty("logits").Deserialize<float[][]>()!;
            Assert.Equal(sequence.InputIds.Length, rows.Length);
            for (int i = 1; i <= 3; i++) AssertNear(sequence.LogitsLast3[^i], rows[^i], golden.Tolerance);
            JsonElement last = CliRunner.Run("logits", "--model", golden.Folder, "--tokens", tokens, "--json").Succeeded().Json;
            AssertNear(rows[^1], Assert.Single(last.GetProperty("logits").Deserialize<float[][]>()!), golden.Tolerance);
            Assert.Equal([sequence.Argmax[^1]], last.GetProperty("argmax").Integers());
            Assert.Empty(last.GetProperty("generated").EnumerateArray());
        }
    }

    [FixtureFact]
    public void TheTableListsTheMostProbableFirst()
    {
        string output = CliRunner.Run("logits", CliRunner.Stories, "--text", "Once upon a", "--generate", "2").Succeeded().Output;
        Assert.StartsWith("After position 3 (token 261 \" a\")\n  token  text", output, StringComparison.Ordinal);
        Assert.Contains("  378    \" time\"", output.Split('\n')[2], StringComparison.Ordinal);
        Assert.Contains("Greedy continuation: 378,432\n", output, StringComparison.Ordinal);
    }

    [FixtureFact]
    public void ABrokenWeightIsNamed()
    {
        using TemporaryFolder folder = new();
        string source = Fixtures.PathOf("models", "llama-gqa");
        File.Copy(Path.Combine(source, "config.json"), folder.File("config.json"));
        byte[] weights = File.ReadAllBytes(Path.Combine(source, "model.safetensors"));
        int header = (int)BitConverter.ToUInt64(weights) + 8;
        JsonElement place = JsonDocument.Parse(weights.AsMemory(8, header - 8)).RootElement.GetProperty("model.norm.weight").GetProperty("data_offsets");
        BitConverter.TryWriteBytes(weights.AsSpan(header + place[0].GetInt32()), float.NaN);
        folder.Write("model.safetensors", weights);
        CliResult result = CliRunner.Run("logits", folder.Path, "--tokens", "1,2", "--json");
        Assert.Equal(1, result.ExitCode);
        string sentence = $"'{folder.Path}': the weight 'model.norm.weight' holds NaN or infinity, and so do the logits; download or convert the model again.";
        Assert.Equal($"caravan: {sentence}\n", result.Error);
        Assert.Equal(sentence, result.Json.GetProperty("error").GetProperty("message").GetString());
        JsonElement info = CliRunner.Run("info", folder.Path, "--verify", "--json").Succeeded().Json;
        Assert.Equal("model.norm.weight", info.GetProperty("verification").GetProperty("non_finite_weight").GetString());
    }

    private static void AssertNear(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }
}
