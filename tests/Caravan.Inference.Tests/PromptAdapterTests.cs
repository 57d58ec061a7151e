using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>Adapters of attention and embedding in an engine: what it generates is what whole sequences give, pages or not.</summary>
[Collection(nameof(DecodingAllocationTests))]
public sealed class PromptAdapterTests : IDisposable
{
    /// <summary>More than one page, and no whole number of pages.</summary>
    private const int Count = 37;

    private static readonly EngineOptions Options = new()
    {
        Threads = 2, ContextLength = 256, CacheTokens = 2048, Precision = ActivationPrecision.Exact, KeyValueType = DType.F32,
    };

    private readonly TemporaryFolder folder = new();
    private readonly Model model;
    private readonly Adapter[] adapters;

    public PromptAdapterTests()
    {
        TinyLlama.Write(folder.Path);
        model = Model.Load(folder.Path);
        adapters = [new("prompt"), new("other prompt"), new("prefix"), new("adaption")];
        adapters[0].Add(PromptTuning.Random(model, Count, seed: 1));
        adapters[1].Add(PromptTuning.Random(model, Count, seed: 2));
        adapters[2].Add(PrefixTuning.Direct(model, Count, seed: 3));
        foreach ((string layer, AdaptionPrompt prompt) in AdaptionPrompt.ForLastLayers(model, 10, 2, seed: 4))
        {
            prompt.Gate.Floats[0] = 0.7f;
            adapters[3].Add(layer, prompt);
        }

        for (int slot = 0; slot < adapters.Length; slot++) Assert.Equal(slot, model.Adapters.Attach(adapters[slot]));
    }

    public void Dispose()
    {
        foreach (Adapter adapter in adapters) adapter.Dispose();
        model.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(512)]
    [InlineData(10)]
    public void TogetherTheyGenerateWhatEachGivesWithoutPages(int batchTokens)
    {
        using Engine engine = new(model, Options with { BatchTokens = batchTokens });
        int[] slots = [0, 2, -1, 3, 1, 0, 2], prompt = [5, 9, 33, 2, 17];
        Generation[] generations = [.. slots.Select(slot => engine.Submit(Request(slot, prompt, 24)))];
        while (engine.Step())
        {
        }

        int[][] expected = [.. slots.Select(slot => WithoutPages(slot, prompt, 24))];
        Assert.Equal(expected, generations.Select(generation => generation.Tokens.ToArray()));
        Assert.Equal(5, expected.Distinct(EqualityComparer<int[]>.Create((a, b) => a!.SequenceEqual(b!), tokens => tokens[0])).Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void VirtualTokensAreComputedOnce(int slot)
    {
        using Engine engine = new(model, Options);
        engine.Generate(Request(slot, [5, 9], 2));
        Assert.Equal(Count + 2, engine.Status.PromptTokens);
        Generation[] two = [engine.Submit(Request(slot, [7, 7, 7], 30)), engine.Submit(Request(slot, [8, 8, 8], 30))];
        engine.Step();
        // Two full pages of virtual tokens are shared; what is left of them shares a page with the prompt, and each has its own.
        Assert.Equal(Count + 2 + (2 * (Count - 32 + 3)), engine.Status.PromptTokens);
        Assert.Equal(4, engine.Status.PagesUsed);
        while (engine.Step())
        {
        }

        Assert.Equal([WithoutPages(slot, [7, 7, 7], 30), WithoutPages(slot, [8, 8, 8], 30)], two.Select(generation => generation.Tokens.ToArray()));
    }

    [Fact]
    public void WhatOneAdapterComputedIsNotForAnother()
    {
        using Engine engine = new(model, Options);
        int[] prompt = [.. Enumerable.Range(20, 40)];
        foreach (int slot in (int[])[-1, 3, 0, 1, 2, 3, -1]) Assert.Equal(WithoutPages(slot, prompt, 12), engine.Generate(Request(slot, prompt, 12)).Tokens);
        model.Adapters.Detach(0);
        model.Adapters.Detach(1);
        // The slot is the same, the adapter another.
        Assert.Equal(0, model.Adapters.Attach(adapters[1]));
        Assert.Equal(WithoutPages(0, prompt, 12), engine.Generate(Request(0, prompt, 12)).Tokens);
    }

    [Fact]
    public void ASequenceThatGaveWayIsComputedAgain()
    {
        // Twelve pages; three sequences grow to six each.
        using Engine engine = new(model, Options with { CacheTokens = 192 });
        int[] slots = [0, 2, -1];
        Generation[] generations = [.. slots.Select(slot => engine.Submit(Request(slot, [5, 9, 33], 80 - (slot < 0 ? 0 : Count))))];
        while (engine.Step())
        {
        }

        Assert.InRange(engine.Status.Preemptions, 1, 100);
        Assert.Equal(slots.Select(slot => WithoutPages(slot, [5, 9, 33], 80 - (slot < 0 ? 0 : Count))), generations.Select(generation => generation.Tokens.ToArray()));
    }

    [Fact]
    public void VirtualTokensCountInTheContext()
    {
        using Engine engine = new(model, Options with { ContextLength = 64 });
        Assert.Equal(64 - Count - 5, engine.Generate(Request(0, [5, 9, 33, 2, 17], 100)).Tokens.Count);
        string sentence = Assert.Throws<PromptTooLongException>(() => engine.Generate(Request(0, [.. Enumerable.Range(5, 27)], 1))).Message;
        Assert.StartsWith("The prompt has 27 tokens and its adapter puts 37 virtual ones before it, but the context holds 64, the answer included", sentence);
    }

    [Fact]
    public void DecodingAllocatesNothing()
    {
        using Engine engine = new(model, Options);
        foreach (int slot in (int[])[0, 2, 3, -1]) engine.Submit(Request(slot, [5, 9, 33], 120), (in GeneratedToken _, ReadOnlySpan<TokenLogProbability> _) => true);
        for (int i = 0; i < 20; i++) engine.Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 60; i++) engine.Step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>Virtual tokens' embeddings pass through states too.</summary>
    [Fact]
    public void VirtualTokensOfARecurrentModel()
    {
        using TemporaryFolder other = new();
        TinyRwkv.Write(other.Path, 6);
        using Model recurrent = Model.Load(other.Path);
        using Adapter adapter = new("prompt");
        adapter.Add(PromptTuning.Random(recurrent, 5, seed: 1));
        int slot = recurrent.Adapters.Attach(adapter);
        using Engine engine = new(recurrent, Options);
        Assert.Equal(WithoutPages(recurrent, slot, [5, 9, 33], 20), engine.Generate(Request(slot, [5, 9, 33], 20)).Tokens);
        Assert.NotEqual(WithoutPages(recurrent, slot, [5, 9, 33], 20), WithoutPages(recurrent, -1, [5, 9, 33], 20));
        using Adapter prefix = new("prefix");
        prefix.Add(PrefixTuning.Direct(recurrent, 5, seed: 1));
        Assert.Contains("no attention", Assert.Throws<CaravanException>(() => recurrent.Adapters.Attach(prefix)).Message, StringComparison.Ordinal);
    }

    private static GenerationRequest Request(int slot, int[] prompt, int tokens) => new() { Prompt = prompt, MaxTokens = tokens, Sampling = SamplingOptions.Greedy, Adapter = slot };

    private int[] WithoutPages(int slot, int[] prompt, int count) => WithoutPages(model, slot, prompt, count);

    private static int[] WithoutPages(Model model, int slot, int[] prompt, int count)
    {
        using Device device = new(2);
        using Pass pass = new(device);
        List<int> tokens = [.. prompt];
        for (int i = 0; i < count; i++)
        {
            pass.Reset();
            Batch batch = new() { Adapter = slot };
            batch.AddSequence([.. tokens], LogitRows.Last);
            float[] logits = model.Decoder.Forward(pass, batch)!.Floats.AsSpan().ToArray();
            tokens.Add(Array.IndexOf(logits, logits.Max()));
        }

        return [.. tokens.Skip(prompt.Length)];
    }
}
