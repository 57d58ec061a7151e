using Caravan.Models;
using Caravan.Testing;

namespace Caravan.Inference.Tests;

/// <summary>Whatever comes and goes beside it, a sequence gets the tokens that it would get alone.</summary>
public sealed class SchedulingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Model model;

    public SchedulingTests()
    {
        TinyLlama.Write(folder.Path);
        model = Model.Load(folder.Path);
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    /// <summary>Random prompts (many with the same beginning), arrivals, priorities, clients, cancellations; few pages, so that sequences give way.</summary>
    [Theory]
    [InlineData(0, 100, 12, 64)]
    [InlineData(100, 100, 9, 7)]
    [InlineData(200, 100, 20, 16)]
    public void RandomSchedulesGiveEachItsOwnTokens(int firstSeed, int schedules, int pages, int batchTokens)
    {
        EngineOptions options = new() { Threads = 1, ContextLength = 128, CacheTokens = pages * 16, BatchTokens = batchTokens, PromptTokensBesideAnswers = 5, KeyValueType = Kernels.DType.F32 };
        using Engine alone = new(model, new EngineOptions { Threads = 1, ContextLength = 128, KeyValueType = Kernels.DType.F32 });
        using Engine engine = new(model, options);
        long preemptions = 0;
        for (int seed = firstSeed; seed < firstSeed + schedules; seed++)
        {
            Run(engine, alone, new Random(seed));
            preemptions = engine.Status.Preemptions;
        }

        Assert.True(preemptions > 0, "no sequence ever gave way: the schedules are too easy");
        Assert.True(engine.Status.ReusedTokens > 0, "no beginning was ever found again");
    }

    [Fact]
    public void AnUrgentRequestTakesThePagesOfOthers()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 64, CacheTokens = 64 });
        Generation patient = engine.Submit(Request([1, 2, 3], 60) with { Priority = 5 });
        for (int i = 0; i < 45; i++) engine.Step();
        Generation urgent = engine.Submit(Request([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21], 30) with { Priority = -1 });
        while (urgent.FinishReason is null) Assert.True(engine.Step());
        Assert.Null(patient.FinishReason);
        Assert.Equal(1, engine.Status.Preemptions);
        while (engine.Step())
        {
        }

        Assert.Equal(FinishReason.Length, patient.FinishReason);
        Assert.Equal(engine.Generate(Request([1, 2, 3], 60)).Tokens, patient.Tokens);
    }

    [Fact]
    public void AClientWithManyRequestsDoesNotHoldUpAnother()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 64, CacheTokens = 256, Sequences = 1 });
        Generation[] crowd = [.. Enumerable.Range(0, 20).Select(i => engine.Submit(Request([i + 1, 2, 3], 8) with { Client = "crowd" }))];
        engine.Step();
        Generation single = engine.Submit(Request([9, 9, 9], 8) with { Client = "single" });
        while (single.FinishReason is null) engine.Step();
        Assert.True(crowd.Count(generation => generation.FinishReason is not null) <= 2, "the second client waited behind the first one's queue");
    }

    [Fact]
    public void ARequestWhoseTimeIsOverEndsWaitingOrRunning()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 64, CacheTokens = 64, Sequences = 1 });
        Generation first = engine.Submit(Request([1, 2, 3], 50) with { Timeout = TimeSpan.FromMilliseconds(50) });
        Generation second = engine.Submit(Request([1, 2, 3], 50) with { Timeout = TimeSpan.FromMilliseconds(50) });
        engine.Step();
        Thread.Sleep(60);
        Assert.False(engine.Step());
        Assert.Equal((FinishReason.TimedOut, FinishReason.TimedOut), (first.FinishReason, second.FinishReason));
        Assert.True(first.Completion.IsCompleted && second.Completion.IsCompleted);
        Assert.Equal(0, engine.Status.PagesUsed);
    }

    [Fact]
    public void AnswersFlowWhileALongPromptIsRead()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 512, CacheTokens = 1024, PromptTokensBesideAnswers = 10 });
        Generation answer = engine.Submit(Request([1, 2, 3], 100));
        engine.Step();
        Generation reading = engine.Submit(Request([.. Enumerable.Range(1, 200).Select(i => i % 200)], 5));
        for (int step = 1; step <= 20; step++)
        {
            Assert.Equal(step, answer.Tokens.Count);
            Assert.Empty(reading.Tokens);
            engine.Step();
        }

        Assert.Single(reading.Tokens);
    }

    [Fact]
    public void RequestsThatComeTogetherComputeTheirCommonBeginningOnce()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 128, CacheTokens = 1024 });
        int[] system = [.. Enumerable.Range(1, 70)];
        Generation[] all = [.. Enumerable.Range(0, 6).Select(i => engine.Submit(Request([.. system, 200 + i, 7], 5)))];
        while (engine.Step())
        {
        }

        Assert.Equal(72 + (5 * 8), engine.Status.PromptTokens);
        Assert.Equal([0, 64, 64, 64, 64, 64], all.Select(generation => generation.ReusedTokens));
    }

    [Fact]
    public void APromptThatTheCacheCannotHoldIsRefused()
    {
        using Engine engine = new(model, new EngineOptions { Threads = 1, ContextLength = 128, CacheTokens = 32 });
        string sentence = Assert.ThrowsAny<CaravanException>(() => engine.Submit(Request(new int[40], 5))).Message;
        Assert.Equal("The prompt has 40 tokens, but the cache holds 32, the answer included; shorten it or make room.", sentence);
    }

    private static void Run(Engine engine, Engine alone, Random random)
    {
        int[] beginning = Tokens(random, random.Next(0, 50));
        List<(GenerationRequest Request, Generation Generation)> all = [];
        int count = random.Next(2, 9);
        while (all.Count < count || all.Any(one => one.Generation.FinishReason is null))
        {
            if (all.Count < count && random.Next(3) == 0)
            {
                int[] prompt = [.. random.Next(2) == 0 ? beginning : [], .. Tokens(random, random.Next(1, 40))];
                GenerationRequest request = Request(prompt, random.Next(1, 60)) with { Priority = random.Next(-1, 2), Client = "abc"[random.Next(3)].ToString() };
                all.Add((request, engine.Submit(request)));
            }

            if (all.Count > 0 && random.Next(60) == 0) all[random.Next(all.Count)].Generation.Cancel();
            engine.Step();
        }

        Assert.Equal((0, 0, 0), (engine.Status.Running, engine.Status.Waiting, engine.Status.PagesUsed));
        foreach ((GenerationRequest request, Generation generation) in all)
        {
            IReadOnlyList<int> expected = alone.Generate(request).Tokens;
            if (generation.FinishReason == FinishReason.Cancelled) expected = [.. expected.Take(generation.Tokens.Count)];
            Assert.Equal(expected, generation.Tokens);
        }
    }

    private static int[] Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(0, 256))];

    private static GenerationRequest Request(int[] prompt, int count) => new() { Prompt = prompt, MaxTokens = count, Sampling = SamplingOptions.Greedy };
}
