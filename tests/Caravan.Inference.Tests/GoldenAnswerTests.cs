using System.Text.Json;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>Greedy answers of models that read before they write, and of those that see.</summary>
public class GoldenAnswerTests
{
    public static TheoryData<string> Folders => GoldenModel.Folders(FamilyCatalog.All.SelectMany(family => family.ModelTypes), "encoder-decoder-lm");

    [FixtureTheory]
    [MemberData(nameof(Folders))]
    public void GreedyAnswers(string folder)
    {
        GoldenModel golden = GoldenModel.Open(folder);
        using Model model = Model.Load(golden.Folder);
        using Engine engine = new(model, new EngineOptions { KeyValueType = DType.F32, Threads = 2, ContextLength = 64, CacheTokens = 256 });
        foreach (GoldenModel.Sequence sequence in golden.Sequences)
            Assert.Equal(sequence.Greedy24, engine.Generate(Request(sequence.InputIds)).Tokens);

        // More than fit at once, so that pages are given back and taken again.
        int[][] prompts = [.. Enumerable.Range(0, 6).Select(i => golden.Sequences[i % golden.Sequences.Count].InputIds)];
        Generation[] together = [.. prompts.Select(prompt => engine.Submit(Request(prompt)))];
        while (engine.Step())
        {
        }

        for (int i = 0; i < together.Length; i++) Assert.Equal(golden.Sequences[i % golden.Sequences.Count].Greedy24, together[i].Tokens);
    }

    [FixtureFact]
    public void AnswersAllocateNothing()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "t5-v1_1"));
        using Engine engine = new(model, new EngineOptions { Threads = 2, ContextLength = 128 });
        engine.Submit(Request([5, 9, 33, 7, 60, 2, 41]) with { MaxTokens = 100 }, Receive);
        for (int i = 0; i < 20; i++) engine.Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 60; i++) engine.Step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [FixtureTheory]
    [InlineData("llava")]
    [InlineData("llava-full-mistral")]
    public void WhatIsSeenIsTold(string folder)
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("models", folder, "expected.json"))).RootElement;
        float[] pixels = [.. expected.GetProperty("pixel_values").Deserialize<float[][][]>()!.SelectMany(channel => channel.SelectMany(line => line))];
        using Model model = Model.Load(Fixtures.PathOf("models", folder));
        using Engine engine = new(model, new EngineOptions { KeyValueType = DType.F32, Threads = 2, ContextLength = 64, CacheTokens = 256, BatchTokens = 7 });
        GenerationRequest request = Request(expected.GetProperty("input_ids").Deserialize<int[]>()!);
        Generation[] both = [engine.Submit(request, null, [pixels]), engine.Submit(request, null, [pixels])];
        while (engine.Step())
        {
        }

        foreach (Generation generation in both) Assert.Equal(expected.GetProperty("greedy_24").Deserialize<int[]>(), generation.Tokens);
    }

    [FixtureFact]
    public void OneThatSeesNothingSaysSo()
    {
        using Model model = Model.Load(Fixtures.PathOf("models", "llama-gqa"));
        using Engine engine = new(model, new EngineOptions { ContextLength = 64 });
        GenerationRequest request = Request([1, 2]) with { Images = [new Picture(1, 1, [1, 2, 3])] };
        Assert.Contains("sees no images", Assert.Throws<CaravanException>(() => engine.Submit(request)).Message, StringComparison.Ordinal);
    }

    private static GenerationRequest Request(int[] prompt) => new() { Prompt = prompt, MaxTokens = 24, Sampling = SamplingOptions.Greedy };

    private static bool Receive(in GeneratedToken token, ReadOnlySpan<TokenLogProbability> alternatives) => true;
}
