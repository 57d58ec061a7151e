using System.Text.Json;
using Caravan.Models;
using Caravan.Testing;
using Caravan.Text;

namespace Caravan.Inference.Tests;

/// <summary>Counts the allocations of the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(DecodingAllocationTests), DisableParallelization = true)]
[Collection(nameof(DecodingAllocationTests))]
public sealed class DecodingAllocationTests
{
    [FixtureFact]
    public void DecodingAllocatesNothing()
    {
        using Model model = Model.Load(Fixtures.PathOf("real", "stories260K.bin"));
        using Engine engine = new(model, new EngineOptions { Threads = 2, ContextLength = 256, CacheTokens = 512 });
        int[] prompt = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("real", "stories260K.expected.json")))
            .RootElement.GetProperty("from_prompt").GetProperty("prompt_tokens").Deserialize<int[]>()!;
        SamplingOptions sampling = new() { Temperature = 0.8f, TopK = 40, TopP = 0.9f, RepetitionPenalty = 1.1f, Seed = 1, LogProbs = 3 };
        GenerationRequest request = new() { Prompt = prompt, MaxTokens = 150 };
        Generation sampled = engine.Submit(request with { Sampling = sampling }, Receive);
        Generation greedy = engine.Submit(request with { Sampling = SamplingOptions.Greedy }, Receive);
        for (int i = 0; i < 40; i++) engine.Step();
        long leastOfProcess = long.MaxValue;
        for (int window = 0; window < 3; window++)
        {
            // Two pages fill up within 33 steps. The runtime and the test host may allocate beside us, but hardly in every window.
            long process = GC.GetTotalAllocatedBytes(precise: true), thread = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 33; i++) engine.Step();
            thread = GC.GetAllocatedBytesForCurrentThread() - thread;
            leastOfProcess = Math.Min(leastOfProcess, GC.GetTotalAllocatedBytes(precise: true) - process);
            Assert.Equal(0, thread);
        }

        Assert.Equal(0, leastOfProcess);
        Assert.Equal(139, sampled.Tokens.Count);
        Assert.Equal(139, greedy.Tokens.Count);
    }

    /// <summary>Which experts are chosen changes from token to token; what is taken from the workspace does not.</summary>
    [FixtureTheory]
    [InlineData("mixtral")]
    [InlineData("mamba")]
    [InlineData("rwkv")]
    [InlineData("recurrent_gemma")]
    [InlineData("jamba")]
    public void DecodingWithExpertsOrStatesAllocatesNothing(string folder) => AllocatesNothing(Fixtures.PathOf("models", folder));

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void DecodingWithMatricesAsStatesAllocatesNothing(int version)
    {
        using TemporaryFolder folder = new();
        TinyRwkv.Write(folder.Path, version);
        AllocatesNothing(folder.Path);
    }

    private static void AllocatesNothing(string path)
    {
        using Model model = Model.Load(path);
        using Engine engine = new(model, new EngineOptions { Threads = 2, ContextLength = 128, CacheTokens = 512 });
        SamplingOptions sampling = new() { Temperature = 2, Seed = 1 };
        for (int i = 0; i < 3; i++)
            engine.Submit(new GenerationRequest { Prompt = [1 + i, 7, 30], MaxTokens = 120, Sampling = sampling with { Seed = (ulong)i } }, Receive);
        for (int i = 0; i < 20; i++) engine.Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 60; i++) engine.Step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void DecodingAnswersOfObjectsAllocatesNothing()
    {
        using TemporaryFolder folder = new();
        TinyCpmBee.Write(folder.Path);
        using Model model = Model.Load(folder.Path);
        using Engine engine = new(model, new EngineOptions { Threads = 2, ContextLength = 128, CacheTokens = 512 });
        foreach (string prompt in (string[])["""{"input": "<mask_0> 4 <mask_1> 5 <mask_2>", "<ans>": ""}""", """{"input": "a", "<ans>": ""}"""])
        {
            EncodedPrompt encoded = model.Tokenizer.EncodePrompt(prompt, addSpecial: true, parseSpecial: false);
            engine.Submit(new GenerationRequest { Prompt = encoded.Tokens, Structured = encoded.Structured, MaxTokens = 80, Sampling = new SamplingOptions { Temperature = 2, Seed = 1 } }, Receive);
        }

        for (int i = 0; i < 20; i++) engine.Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++) engine.Step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static bool Receive(in GeneratedToken token, ReadOnlySpan<TokenLogProbability> alternatives) => true;
}
