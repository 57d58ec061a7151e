using System.Text.Json;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Cli.Tests;

/// <summary>Models of random weights: their types and sizes are those of real files, and every part of the house takes them.</summary>
public sealed class SyntheticModelTests
{
    /// <summary>As small as blocks of 256 allow, with rows of two lengths.</summary>
    internal static readonly SyntheticShape Tiny = new()
    {
        Name = "tiny", Layers = 8, Hidden = 256, Heads = 4, KeyValueHeads = 2, FeedForward = 512, Vocabulary = 400, Context = 128,
    };

    public static TheoryData<string> Types => [.. SyntheticTypes.All.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryTypeLoadsAndIsFinite(string name)
    {
        using TemporaryFolder folder = new();
        SyntheticModel made = new(Tiny, SyntheticTypes.Parse(name));
        made.Write(folder.File("tiny.gguf"), new WriteOptions());
        using Model model = Model.Load(folder.File("tiny.gguf"), new ModelOptions { Strict = true });
        Assert.Null(model.FindNonFiniteWeight());
        Assert.Equal(["tiny.gguf"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
        Assert.Equal((Tiny.Layers, Tiny.Vocabulary, Tiny.Context),
            (model.Decoder.Spec.Layers.Length, model.Decoder.Spec.VocabularySize, model.Decoder.Spec.ContextLength));
        Assert.Equal(SyntheticTypes.Parse(name).Type, model.Decoder.Weights.Single(weight => weight.Name == "embedding.weight").DType);
    }

    [Fact]
    public void WeightsHaveTheSpreadThatKeepsActivationsFinite()
    {
        using TemporaryFolder folder = new();
        new SyntheticModel(Tiny, SyntheticTypes.Parse("f32")).Write(folder.File("tiny.gguf"), new WriteOptions());
        using Model model = Model.Load(folder.File("tiny.gguf"));
        foreach (Tensor weight in model.Decoder.Weights.Where(weight => weight.Shape.Rank == 2))
        {
            float[] values = weight.Floats.AsSpan().ToArray();
            double square = values.Average(value => (double)value * value);
            // The variance of n normal values has a relative deviation of √(2/n), here of the 262,144 in the pool; drawing them again doubles it at most.
            double tolerance = 5 * Math.Sqrt((2.0 / 262_144) + (2.0 / values.Length));
            Assert.InRange(square * weight.Shape.Columns, 1 - tolerance, 1 + tolerance);
            string[] rows = [.. values.Chunk((int)weight.Shape.Columns).Select(row => string.Join(' ', row))];
            Assert.True(rows.Distinct().Count() > rows.Length / 2, $"{weight.Name} repeats its rows");
        }
    }

    [Fact]
    public void ExpertsAreThere()
    {
        using TemporaryFolder folder = new();
        new SyntheticModel(Tiny with { Experts = 8, ExpertsPerToken = 2 }, SyntheticTypes.Parse("q4_0")).Write(folder.File("tiny.gguf"), new WriteOptions());
        using Model model = Model.Load(folder.File("tiny.gguf"), new ModelOptions { Strict = true });
        Assert.Null(model.FindNonFiniteWeight());
        Assert.Equal((8, DType.Q4_0), (model.Decoder.Spec.Layers[0].ChannelMixer.Experts, model.Decoder.Weights.Single(weight => weight.Name == "layers.7.feed_forward.experts.7.down.weight").DType));
        Assert.Equal("[8, 512, 256]", model.Checkpoint.Tensors["blk.0.ffn_up_exps.weight"].ShapeText);
        JsonElement document = CliRunner.Run("bench", folder.File("tiny.gguf"), "--prompt", "8", "--generate", "4", "--threads", "2", "--repeat", "1", "--json").Succeeded().Json;
        Assert.True(document.GetProperty("generate").GetProperty("weight_bytes_per_second").GetDouble() > 0);
    }

    [Fact]
    public void EveryTextHasTokens()
    {
        using TemporaryFolder folder = new();
        new SyntheticModel(Tiny, SyntheticTypes.Parse("q8_0")).Write(folder.File("tiny.gguf"), new WriteOptions());
        using Model model = Model.Load(folder.File("tiny.gguf"));
        const string text = "a cab, zwölf Boxkämpfer\n東京 🙂";
        int[] tokens = model.Tokenizer.Encode(text);
        Assert.Equal(model.Tokenizer.BosId, tokens[0]);
        Assert.Equal(text, model.Tokenizer.Decode(tokens));
    }

    [Fact]
    public void TheSameModelHasTheSameBytesAndIsFoundAgain()
    {
        using TemporaryFolder folder = new();
        SyntheticModel made = new(Tiny, SyntheticTypes.Parse("q4_k_m"));
        made.Write(folder.File("a.gguf"), new WriteOptions());
        new SyntheticModel(Tiny, SyntheticTypes.Parse("q4_k_m")).Write(folder.File("b.gguf"), new WriteOptions());
        Assert.Equal(File.ReadAllBytes(folder.File("a.gguf")), File.ReadAllBytes(folder.File("b.gguf")));
        Assert.True(made.IsAt(folder.File("b.gguf")));
        Assert.False(new SyntheticModel(Tiny, SyntheticTypes.Parse("q4_k_s")).IsAt(folder.File("b.gguf")));
        Assert.False(made.IsAt(folder.File("c.gguf")));
        File.WriteAllBytes(folder.File("b.gguf"), File.ReadAllBytes(folder.File("a.gguf"))[..^1000]);
        Assert.False(made.IsAt(folder.File("b.gguf")));
    }

    [Theory]
    // Counts and sizes that llama.cpp shows for the published files of the real models.
    [InlineData("tinyllama-1.1b", "q4_k_m", 45, 135, 21)]
    [InlineData("llama-7b", "q4_k_m", 65, 193, 33)]
    [InlineData("llama-7b", "q5_k_m", 65, 193, 33)]
    // Norms and routers; embedding, queries, outputs and experts; the head. Keys and values are Q8_0 beside eight experts.
    [InlineData("mixtral-small", "q4_0", 37, 61, 1)]
    public void MixesHaveTheTypesOfRealFiles(string shape, string type, int exact, int main, int more)
    {
        TensorSource[] tensors = Tensors(shape, type);
        Assert.Equal((exact, main, more), (Count(DType.F32), Count(SyntheticTypes.Parse(type).Type), Count(DType.Q6_K)));

        int Count(DType stored) => tensors.Count(tensor => tensor.DType == stored);
    }

    [Theory]
    [InlineData("tinyllama-1.1b", 1_100_048_384)]
    [InlineData("llama-7b", 6_738_415_616)]
    [InlineData("mixtral-small", 1_154_081_792)]
    public void ShapesHaveTheParametersOfRealModels(string shape, long parameters) =>
        Assert.Equal(parameters, Tensors(shape, "f32").Sum(tensor => tensor.Bytes) / sizeof(float));

    [Fact]
    public void AFileThatIsSomethingElseIsNotReplaced()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("mine.gguf", "precious"u8);
        CliResult result = CliRunner.Run("bench", "--synthetic", "tinyllama-1.1b", "--save", path);
        Assert.Equal((1, $"caravan: '{path}' is there already, and it is not this synthetic model; give another --save or delete it.\n"), (result.ExitCode, result.Error));
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Fact]
    public void ACancelledModelLeavesNothing()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource source = new();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            new SyntheticModel(Tiny, SyntheticTypes.Parse("f16")).Write(folder.File("tiny.gguf"), new WriteOptions { Cancellation = source.Token }));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static TensorSource[] Tensors(string shape, string type) =>
        [.. new SyntheticModel(SyntheticShapes.Parse(shape), SyntheticTypes.Parse(type)).Tensors()];
}
