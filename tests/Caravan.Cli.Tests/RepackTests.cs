using Caravan.Formats;
using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Models whose weights are copied at load: other memory, the same model.</summary>
public sealed class RepackTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("q4_0", 0)]
    [InlineData("q8_0", 0)]
    [InlineData("q4_k_m", 0)]
    [InlineData("q4_0", 2)]
    public void LogitsAreThoseOfTheMappedModel(string type, int experts)
    {
        if (Cpu.Best < InstructionSet.Avx512) return;
        string path = Save(type, experts);
        using Model mapped = Model.Load(path), repacked = Model.Load(path, new ModelOptions { Repack = true });
        Assert.Contains(repacked.Decoder.Weights, weight => weight.Interleaved);
        Assert.DoesNotContain(repacked.Decoder.Weights, weight => weight.Interleaved && weight.Name == Stack.EmbeddingName);
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => (i * 37 % 250) + 3)];
        float[] expected = Logits(mapped, tokens), actual = Logits(repacked, tokens);
        // From six rows on both take the same sums in the same order; with two experts of two every expert has all rows.
        Assert.Equal(expected, actual);
        Assert.Null(repacked.FindNonFiniteWeight());
    }

    /// <summary>Interleaved weights are summed in one order, whether tokens come alone, in chunks or with other sequences.</summary>
    [Fact]
    public void RepackedModelsDoNotDependOnTheBatch()
    {
        if (Cpu.Best < InstructionSet.Avx512) return;
        using Model model = Model.Load(Save("q4_0", 0), new ModelOptions { Repack = true });
        int[][] prompts = [.. Enumerable.Range(0, 9).Select(i => Enumerable.Range(0, 3 + (5 * i)).Select(j => ((i * 31) + (j * 7)) % 250 + 3).ToArray())];
        int[][] alone = [.. prompts.Select(prompt => Generate(model, [prompt], 512)[0])];
        Assert.Equal(alone, Generate(model, prompts, 512));
        Assert.Equal(alone, Generate(model, prompts, 16));
    }

    [Theory]
    [InlineData("generate MODEL --prompt a --max-tokens 1 --repack sometimes", "--repack takes auto, on or off, not 'sometimes'")]
    [InlineData("generate MODEL --prompt a --max-tokens 1 --repack on --instruction-set scalar", "--repack on is for the widest instruction set")]
    public void WordsAreChecked(string line, string sentence)
    {
        CliResult result = CliRunner.Run(line.Replace("MODEL", Save("q4_0", 0), StringComparison.Ordinal).Split(' '));
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEngineThatCannotReadRepackedWeightsSaysSo()
    {
        if (Cpu.Best < InstructionSet.Avx512) return;
        using Model model = Model.Load(Save("q4_0", 0), new ModelOptions { Repack = true });
        string sentence = Assert.Throws<CaravanException>(() => new Engine(model, new EngineOptions { Precision = ActivationPrecision.Exact })).Message;
        Assert.Contains("load it without repacking to compute otherwise", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void BenchRepacks() => CliRunner.Run("bench", Save("q4_0", 0), "--repack", "on", "--prompt", "8", "--generate", "2", "--repeat", "1").Succeeded();

    public void Dispose() => folder.Dispose();

    private string Save(string type, int experts)
    {
        string path = folder.File($"{type}-{experts}.gguf");
        SyntheticShape shape = experts > 0 ? SyntheticModelTests.Tiny with { Experts = experts, ExpertsPerToken = 2 } : SyntheticModelTests.Tiny;
        new SyntheticModel(shape, SyntheticTypes.Parse(type)).Write(path, new WriteOptions());
        return path;
    }

    private static float[] Logits(Model model, int[] tokens)
    {
        using Device device = new(2, null, ActivationPrecision.Int8);
        using Pass pass = new(device);
        Batch batch = new();
        batch.AddSequence(tokens, LogitRows.All);
        return model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
    }

    private static int[][] Generate(Model model, int[][] prompts, int batchTokens)
    {
        using Engine engine = new(model, new EngineOptions { Threads = 2, BatchTokens = batchTokens, ContextLength = 128, CacheTokens = 128 * prompts.Length });
        Generation[] generations = [.. prompts.Select(prompt => engine.Submit(new GenerationRequest { Prompt = prompt, MaxTokens = 12, Sampling = SamplingOptions.Greedy }))];
        while (engine.Step())
        {
        }

        return [.. generations.Select(generation => generation.Tokens.ToArray())];
    }
}
