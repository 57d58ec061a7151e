using System.Text.Json;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>Sequences whose state is of a fixed size come and go in one engine without touching each other's.</summary>
public sealed class RecurrentGenerationTests
{
    private static readonly EngineOptions Options = new() { Threads = 2, ContextLength = 128, CacheTokens = 512, BatchTokens = 9, KeyValueType = Kernels.DType.F32 };

    public static TheoryData<string> Recurrent => GoldenModel.Folders(["mamba", "rwkv", "recurrent_gemma", "jamba"]);

    [FixtureFact]
    public void TinyRwkvContinuesAsTheReference()
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "tiny-rwkv-hf"));
        using Engine engine = new(model, Options);
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("real", "tiny-rwkv.expected.json"))).RootElement;
        int[] prompt = expected.GetProperty("prompt_tokens").Deserialize<int[]>()!;
        Assert.Equal(expected.GetProperty("greedy_64").Deserialize<int[]>()!, engine.Generate(Greedy(prompt, 64)).Tokens);
    }

    [FixtureTheory]
    [MemberData(nameof(Recurrent))]
    public void SequencesThatJoinAndLeaveEqualThoseGeneratedAlone(string folder)
    {
        using Model model = Model.Load(GoldenModel.Open(folder).Folder);
        AssertTogetherAsAlone(model);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void SequencesWithMatricesAsStatesEqualThoseGeneratedAlone(int version)
    {
        using TemporaryFolder folder = new();
        TinyRwkv.Write(folder.Path, version);
        using Model model = Model.Load(folder.Path);
        AssertTogetherAsAlone(model);
    }

    private static void AssertTogetherAsAlone(Model model)
    {
        (int[] Prompt, int Count)[] requests = Requests(model.Decoder.Spec.VocabularySize);
        int[][] alone = [.. requests.Select(request => Alone(model, request.Prompt, request.Count))];
        foreach (int? sequences in (int?[])[null, 1, 2])
        {
            using Engine engine = new(model, Options with { Sequences = sequences });
            List<Generation> generations = [];
            foreach ((int[] prompt, int count) in requests)
            {
                generations.Add(engine.Submit(Greedy(prompt, count)));
                for (int i = 0; i < prompt.Length % 4; i++) engine.Step();
                Assert.InRange(generations.Count(generation => generation.FinishReason is null && generation.Tokens.Count > 0), 0, sequences ?? requests.Length);
            }

            while (engine.Step())
            {
            }

            Assert.Equal(alone, generations.Select(generation => generation.Tokens.ToArray()));
        }
    }

    [FixtureTheory]
    [MemberData(nameof(Recurrent))]
    public void ACancelledSequenceLeavesItsSlotAsIfUnused(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Engine engine = new(model, Options with { Sequences = 1 });
        Generation cancelled = engine.Submit(Greedy(golden.Sequences[1].InputIds, 60)), next = engine.Submit(Greedy(golden.Sequences[0].InputIds, 24));
        while (cancelled.Tokens.Count < 3) engine.Step();
        Assert.Empty(next.Tokens);
        cancelled.Cancel();
        while (engine.Step())
        {
        }

        Assert.Equal(FinishReason.Cancelled, cancelled.FinishReason);
        Assert.Equal(golden.Sequences[0].Greedy24, next.Tokens);
    }

    /// <summary>What a page was computed from is in the state as well, which pages do not keep.</summary>
    [FixtureTheory]
    [MemberData(nameof(Recurrent))]
    public void NothingIsSharedWithAnEarlierPrompt(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Engine engine = new(model, Options);
        for (int round = 0; round < 2; round++)
        {
            Generation generation = engine.Generate(Greedy(golden.Sequences[1].InputIds, 24));
            Assert.Equal(0, generation.ReusedTokens);
            Assert.Equal(golden.Sequences[1].Greedy24, generation.Tokens);
        }
    }

    [FixtureFact]
    public void MemoryIsThatOfStates()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "mamba"));
        using Engine engine = new(model, Options with { Sequences = 3 });
        Assert.Equal(0, engine.PageBytes);
        Assert.Equal(0, engine.TokenBytes);
        // Two layers of 80 channels: three inputs of the convolution and eight states each.
        Assert.Equal(3 * 2 * 80 * (3 + 8) * sizeof(float), engine.StateBytes);
        using Model attention = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        using Engine pages = new(attention, Options);
        Assert.Equal(0, pages.StateBytes);
    }

    [FixtureFact]
    public void TooFewSequencesAreRefused()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "mamba"));
        Assert.Equal(
            "The engine option Sequences is 0; at least 1 was expected.",
            Assert.Throws<CaravanException>(() => new Engine(model, Options with { Sequences = 0 })).Message);
    }

    private static int[] Alone(Model model, int[] prompt, int count)
    {
        using Engine engine = new(model, Options);
        return [.. engine.Generate(Greedy(prompt, count)).Tokens];
    }

    private static (int[] Prompt, int Count)[] Requests(int vocabulary)
    {
        Random random = new(3);
        return [.. Enumerable.Range(0, 9).Select(_ =>
            (Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(vocabulary)).ToArray(), random.Next(1, 25)))];
    }

    private static GenerationRequest Greedy(int[] prompt, int count) => new() { Prompt = prompt, MaxTokens = count, Sampling = SamplingOptions.Greedy };
}
